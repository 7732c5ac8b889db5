// A client that makes an exact number of calls, and ends.
import { setTimeout as sleep } from 'node:timers/promises'
import { openHttp } from './http-client.ts'
import { openTruthLog, setting } from './truth-log.ts'

if (process.env.TITLE) process.title = process.env.TITLE
const http = openHttp({
  names: { client: setting('SELF'), server: setting('SERVER') },
  keepAlive: process.env.KEEPALIVE === '1',
  timeoutMs: 2000,
  record: openTruthLog(),
})
const url = setting('URL')
const count = Number(setting('COUNT'))
const intervalMs = Number(process.env.INTERVAL_MS ?? 50)

// Whoever watches is told of a new container a moment after it started.
await sleep(Number(process.env.DELAY_MS ?? 0))
for (let i = 0; i < count; i++) {
  await http(process.env.METHOD ?? 'GET', url)
  await sleep(intervalMs)
}
