// Visitors: a fixed rate of requests for a bounded time, to the pages named in TARGETS.
import { setTimeout as sleep } from 'node:timers/promises'
import { openHttp } from './http-client.ts'
import { openTruthLog, setting } from './truth-log.ts'
import { stopOnSignal } from './web.ts'

/** `share` of the visits go to `url`, which belongs to the service `server`. */
export interface Target {
  readonly method: string
  readonly url: string
  readonly server: string
  readonly share: number
}

const tickMs = 20
const inFlightMax = 256
const targets = JSON.parse(setting('TARGETS')) as Target[]
const ratePerSecond = Number(setting('RATE'))
/** Whoever watches must have found the visitors before they come. */
await sleep(Number(process.env.DELAY_MS ?? 0))
const endMs = Date.now() + Number(setting('SECONDS')) * 1000
const record = openTruthLog()
// Its name where only a process name tells who it is.
if (process.env.TITLE) process.title = process.env.TITLE

const visitors = targets.map(({ method, url, server, share }) => {
  const names = { client: setting('SELF'), server }
  const http = openHttp({ names, record, keepAlive: process.env.KEEPALIVE !== '0' })
  return { share, visit: () => http(method, url) }
})

let inFlight = 0
let owed = 0
let lastMs = performance.now()

/** Takes the target whose turn it is, so that shares are exact rather than random. */
const turns = visitors.map(() => 0)
function next(): () => Promise<unknown> {
  for (let i = 0; i < turns.length; i++) turns[i] += visitors[i].share
  const most = turns.indexOf(Math.max(...turns))
  turns[most] -= visitors.reduce((sum, { share }) => sum + share, 0)
  return visitors[most].visit
}

const timer = setInterval(() => {
  const nowMs = performance.now()
  owed = Math.min(owed + ((nowMs - lastMs) * ratePerSecond) / 1000, ratePerSecond)
  lastMs = nowMs
  for (; owed >= 1 && inFlight < inFlightMax; owed--) {
    inFlight++
    void next()().finally(() => inFlight--)
  }
  if (Date.now() >= endMs) clearInterval(timer)
}, tickMs)

const exitWhenQuiet = setInterval(() => {
  if (Date.now() >= endMs && inFlight === 0) process.exit(0)
}, 50)
stopOnSignal(() => clearInterval(exitWhenQuiet))
