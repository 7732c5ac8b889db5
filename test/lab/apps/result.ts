// The page with the score, read from PostgreSQL each time.
import { openPostgres } from './postgres-client.ts'
import { openTruthLog, placeOf, setting } from './truth-log.ts'
import { serve } from './web.ts'

const db = openPostgres({
  ...placeOf('DB', 'db:5432'),
  names: { client: setting('SELF'), server: setting('DB'), protocol: 'postgres' },
  record: openTruthLog(),
})

serve({ port: 80 }, async (_, url) => {
  if (url.pathname !== '/') return { status: 404, body: 'no such page\n' }
  const { rows, error } = await db.query('SELECT choice, count FROM votes ORDER BY count DESC')
  if (error !== undefined) return { status: 500, body: `${error}\n` }
  return { status: 200, body: rows.map(([choice, count]) => `${choice}: ${count}\n`).join('') }
})
