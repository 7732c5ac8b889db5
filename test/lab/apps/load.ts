// Visitors: a fixed rate of requests for a bounded time, to the pages named in TARGETS, or in the file TARGETS_AT, which may
// change.
import { readFileSync } from 'node:fs'
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
/** As often as a balancer of Marathon's looks where the tasks are, and more. */
const lookMs = 100
const inFlightMax = 256
const ratePerSecond = Number(setting('RATE'))
/** Whoever watches must have found the visitors before they come. */
await sleep(Number(process.env.DELAY_MS ?? 0))
const endMs = Date.now() + Number(setting('SECONDS')) * 1000
const record = openTruthLog()
// Its name where only a process name tells who it is.
if (process.env.TITLE) process.title = process.env.TITLE

const readTargets = (): string =>
  process.env.TARGETS_AT ? readFileSync(process.env.TARGETS_AT, 'utf8') : setting('TARGETS')
let told = readTargets()
let visitors = visitorsTo(told)

function visitorsTo(text: string) {
  return (JSON.parse(text) as Target[]).map(({ method, url, server, share }) => {
    const names = { client: setting('SELF'), server }
    const http = openHttp({ names, record, keepAlive: process.env.KEEPALIVE !== '0' })
    return { share, visit: () => http(method, url) }
  })
}

if (process.env.TARGETS_AT) {
  setInterval(() => {
    const text = readTargets()
    if (text === told) return
    told = text
    visitors = visitorsTo(text)
    turns = visitors.map(() => 0)
  }, lookMs).unref()
}

let inFlight = 0
let owed = 0
let lastMs = performance.now()

/** Takes the target whose turn it is, so that shares are exact rather than random. */
let turns = visitors.map(() => 0)
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
