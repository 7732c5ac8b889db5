#!/usr/bin/env node
// Every case, played while Inkling watches: what was true beside what it found. --no-proxy: without docker-proxy.
// UPDATE=1 plays both and writes the table into the docs.
import { parseArgs } from 'node:util'
import { cases, type Played, playCases } from './cases.ts'
import { sleep } from './command.ts'
import { keep } from './comparison.ts'
import { startEngine } from './engine.ts'
import { type GraphAnswer, startInkling } from './inkling.ts'
import { setStage } from './stage.ts'

/** A link as it was and as it was found. */
export interface Compared {
  /** `container:a -> container:b http`. */
  readonly link: string
  /** The cases that made calls on it; none: there is no such link in truth. */
  readonly cases: readonly string[]
  readonly trueCalls: number
  readonly foundCalls: number
}

/** Every case as it was played and as it was found. */
export interface Watched {
  readonly compared: readonly Compared[]
  readonly lostPackets: number
}

const settleMs = 3000

/** Starts an engine, Inkling and the stage, plays, compares, and takes all away. */
export async function watchCases(userlandProxy: boolean): Promise<Watched> {
  const engine = await startEngine({ userlandProxy })
  try {
    const inkling = await startInkling(engine)
    const played = await playCases(await setStage(engine))
    await sleep(settleMs)
    const compared = compare(played, await inkling.graph(120))
    const lostPackets = await inkling.lostPackets()
    await inkling.stop()
    return { compared, lostPackets }
  } finally {
    engine.stop()
  }
}

/** Every true link and every found one. Name look-ups are left out: the truth does not hold them. */
export function compare(played: readonly Played[], { links }: GraphAnswer): Compared[] {
  const truth = played.flatMap(({ name, expected }) => expected.map(link => ({ ...link, name })))
  const trueByLink = Map.groupBy(truth, keyOf)
  const found = links
    .filter(({ link }) => link.protocol !== 'dns')
    .filter(({ link }) => isOurs(link.client) || isOurs(link.server))
  const foundByLink = new Map(found.map(one => [keyOf(one.link), callsOf(one)]))
  const keys = new Set([...trueByLink.keys(), ...foundByLink.keys()])
  const compared = [...keys].map(link => {
    const parts = trueByLink.get(link) ?? []
    const trueCalls = parts.reduce((sum, { calls }) => sum + calls, 0)
    const cases = parts.map(({ name }) => name)
    return { link, cases, trueCalls, foundCalls: foundByLink.get(link) ?? 0 }
  })
  return compared.filter(({ trueCalls, foundCalls }) => trueCalls + foundCalls > 0)
}

/** Programs of this machine that are not the lab's may be on the map too. */
const isOurs = (id: string) => /^(container:|process:(h-|hostserver|dockerd))/.test(id)

/** A connection that failed is a call of the link whose protocol is `tcp`. */
function callsOf({ link, counts, traffic }: GraphAnswer['links'][number]): number {
  return link.protocol === 'tcp' ? traffic.failures : counts.ok + counts.warning + counts.error
}

const keyOf = ({
  client,
  server,
  protocol,
}: {
  client: string
  server: string
  protocol: string
}) => `${client} -> ${server} ${protocol}`

/** One line: `right  a -> b http  20 of 20  (the cases)`. */
export function format({ link, cases, trueCalls, foundCalls }: Compared): string {
  const verdict = trueCalls === foundCalls ? 'right' : 'WRONG'
  return `${verdict}  ${link}  ${foundCalls} of ${trueCalls}  (${cases.join('; ') || 'not true'})`
}

export const isRight = ({ trueCalls, foundCalls }: Compared): boolean => trueCalls === foundCalls

/** A row a case, a column with docker-proxy and one without: calls found of calls made. */
export function table(withProxy: readonly Compared[], without: readonly Compared[]): string {
  const cell = (compared: readonly Compared[], name: string): string => {
    const links = compared.filter(one => one.cases.includes(name))
    if (links.length === 0) return '-'
    const sum = (calls: (one: Compared) => number) =>
      links.reduce((all, one) => all + calls(one), 0)
    const said = `${sum(one => one.foundCalls)} of ${sum(one => one.trueCalls)}`
    return links.every(isRight) ? said : `**${said}**`
  }
  const names = cases.map(({ name }) => name)
  const rows = names.map(name => [name, cell(withProxy, name), cell(without, name)])
  const lines = [['way', 'docker-proxy', 'none'], ['---', '---', '---'], ...rows]
  const all = [...withProxy, ...without]
  const invented = all.filter(one => one.cases.length === 0).length
  const missing = all.filter(({ foundCalls }) => foundCalls === 0).length
  return [
    ...lines.map(cells => `| ${cells.join(' | ')} |`),
    '',
    `${all.length - invented} links, ${missing} missing, ${invented} invented.`,
  ].join('\n')
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'no-proxy': { type: 'boolean', default: false } } })
  const modes = process.env.UPDATE ? [true, false] : [!values['no-proxy']]
  const played: (readonly Compared[])[] = []
  for (const userlandProxy of modes) {
    const { compared, lostPackets } = await watchCases(userlandProxy)
    console.log(compared.map(format).join('\n'))
    if (lostPackets > 0) console.log(`The agent lost ${lostPackets} packets.`)
    played.push(compared)
  }
  if (process.env.UPDATE) keep('docker matrix', table(played[0], played[1]))
  process.exitCode = played.flat().every(isRight) ? 0 : 1
}
