import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Call } from './apps/truth-log.ts'
import { sleep } from './command.ts'

/** Calls of one client to one server over one protocol. */
export interface TrueLink {
  readonly client: string
  readonly server: string
  readonly protocol: string
  readonly calls: number
  readonly ok: number
  readonly warnings: number
  readonly errors: number
}

/** What really happened, told by the applications themselves. */
export interface Truth {
  readonly calls: readonly Call[]
  /** Sorted by client, server, protocol. */
  readonly links: readonly TrueLink[]
}

/** Longer than one BLPOP of an idle worker of the shop: when nothing but those is new, all votes are counted. */
const restMs = 1500

/** Until nothing new is told in a folder but that workers wait for work. */
export async function quietOf(folder: string): Promise<void> {
  for (let calls = -1; ; ) {
    const busy = readTruth(folder).calls.filter(({ method }) => method !== 'BLPOP').length
    if (busy === calls) return
    calls = busy
    await sleep(restMs)
  }
}

/** Reads every truth log in a folder. */
export function readTruth(folder: string): Truth {
  const texts = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
  const calls = texts.flatMap(parseCalls).sort((a, b) => a.atUs - b.atUs)
  return { calls, links: linksOf(calls) }
}

/** The calls of one log. The last line may be half written by a program still running. */
export function parseCalls(text: string): Call[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole.split('\n').flatMap(line => (line ? [JSON.parse(line) as Call] : []))
}

/** Calls counted per link. */
export function linksOf(calls: readonly Call[]): TrueLink[] {
  const groups = Map.groupBy(
    calls,
    ({ client, server, protocol }) => `${client} ${server} ${protocol}`,
  )
  const sorted = [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([, group]) => count(group))
}

function count(group: readonly Call[]): TrueLink {
  const { client, server, protocol } = group[0]
  const of = (outcome: Call['outcome']) => group.filter(call => call.outcome === outcome).length
  const [ok, warnings, errors] = [of('ok'), of('warning'), of('error')]
  return { client, server, protocol, calls: group.length, ok, warnings, errors }
}

/** `compose:shop:vote -> compose:shop:redis redis 120 calls, 3 errors`. */
export function format({ client, server, protocol, calls, warnings, errors }: TrueLink): string {
  const bad = [warnings && `${warnings} warnings`, errors && `${errors} errors`].filter(Boolean)
  return [`${client} -> ${server} ${protocol} ${calls} calls`, ...bad].join(', ')
}
