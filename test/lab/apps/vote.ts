// The page where people vote: each vote goes to a list in Redis.
import { openRedis } from './redis-client.ts'
import { openTruthLog, placeOf, setting } from './truth-log.ts'
import { type Page, serve } from './web.ts'

const redis = openRedis({
  ...placeOf('REDIS', 'redis:6379'),
  names: { client: setting('SELF'), server: setting('REDIS'), protocol: 'redis' },
  record: openTruthLog(),
})

/** Share of votes that fail, 0 to 1; set by POST /admin/errors?rate=. */
let errorRate = 0

async function vote(url: URL): Promise<Page> {
  if (Math.random() < errorRate) return { status: 500, body: 'the vote was lost\n' }
  await redis('LPUSH', 'votes', url.searchParams.get('for') ?? 'cats')
  return { status: 200, body: 'thank you\n' }
}

function injectErrors(url: URL): Page {
  const rate = Number(url.searchParams.get('rate'))
  if (!(rate >= 0 && rate <= 1)) return { status: 400, body: 'rate is between 0 and 1\n' }
  errorRate = rate
  return { status: 200, body: `${rate}\n` }
}

serve({ port: 80, socketPath: '/run/admin.sock' }, async ({ method }, url) => {
  if (url.pathname === '/admin/errors' && method === 'POST') return injectErrors(url)
  if (url.pathname === '/vote' && method === 'POST') return vote(url)
  if (url.pathname !== '/') return { status: 404, body: 'no such page\n' }
  return {
    status: 200,
    body: '<h1>Cats or dogs?</h1><form method="post" action="/vote"><button>Cats</button></form>\n',
  }
})
