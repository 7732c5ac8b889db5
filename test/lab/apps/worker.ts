// Takes votes from Redis and counts them in PostgreSQL.
import { openPostgres } from './postgres-client.ts'
import { openRedis } from './redis-client.ts'
import { openTruthLog, placeOf, setting } from './truth-log.ts'
import { stopOnSignal } from './web.ts'

const retryMs = 500
const record = openTruthLog()
const client = setting('SELF')
const redis = openRedis({
  ...placeOf('REDIS', 'redis:6379'),
  names: { client, server: setting('REDIS'), protocol: 'redis' },
  record,
})
const db = openPostgres({
  ...placeOf('DB', 'db:5432'),
  names: { client, server: setting('DB'), protocol: 'postgres' },
  record,
})

async function countVotes(): Promise<void> {
  await db.query(
    'CREATE TABLE IF NOT EXISTS votes (choice text PRIMARY KEY, count bigint NOT NULL)',
  )
  for (;;) {
    const popped = await redis('BLPOP', 'votes', '1')
    if (Array.isArray(popped)) await countVote(String(popped[1]))
  }
}

async function countVote(choice: string): Promise<void> {
  const { error } = await db.execute(
    'INSERT INTO votes VALUES ($1, 1) ON CONFLICT (choice) DO UPDATE SET count = votes.count + 1',
    [choice],
  )
  console.log(`${new Date().toISOString()} ${error ?? `counted ${choice}`}`)
}

stopOnSignal(() => {})
for (;;) {
  await countVotes().catch(error => console.log(`${new Date().toISOString()} ${error.message}`))
  await new Promise(resume => setTimeout(resume, retryMs))
}
