import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from './command.ts'
import type { GraphAnswer, Inkling } from './inkling.ts'
import type { TrueLink } from './truth.ts'
import { type PlayedWay, type Reach, reaches, type Way } from './ways.ts'

/** A link as it was and as it was found. */
export interface Compared {
  readonly link: string
  /** How its calls were made; none: there is no such link in truth. */
  readonly played?: PlayedWay
  readonly trueCalls: number
  readonly foundCalls: number
}

/** Every way as it was played and as it was found. */
export interface Matrix {
  readonly compared: readonly Compared[]
  /** The attribution score over these links. */
  readonly score: number
  readonly lostPackets: number
}

/** An agent looks for the owner of a socket for some five seconds, on a machine without pauses. */
const settleMs = 7000
/** On a busy machine the last of it is told later. */
const patienceMs = 20_000
const againMs = 1000
const windowSeconds = 600

/** What Inkling found of what was played. */
export async function compareWays(played: readonly PlayedWay[], inkling: Inkling): Promise<Matrix> {
  const untilMs = performance.now() + patienceMs
  await sleep(settleMs)
  let compared = compare(played, await inkling.graph(windowSeconds))
  while (compared.some(isMissing) && performance.now() < untilMs) {
    await sleep(againMs)
    compared = compare(played, await inkling.graph(windowSeconds))
  }
  return { compared, score: scoreOf(compared), lostPackets: await inkling.lostPackets() }
}

/** Every true link and every found one, but name look-ups and what the engines say to each other. */
function compare(played: readonly PlayedWay[], { links }: GraphAnswer): Compared[] {
  const found = new Map<string, number>()
  for (const { link, counts, traffic } of links) {
    if (link.protocol === 'dns' || isEngines(link) || isServersQuestion(link)) continue
    const { ok, warning, error } = counts
    const calls = link.protocol === 'tcp' ? traffic.failures : ok + warning + error
    if (calls > 0) found.set(keyOf(link), calls)
  }
  const told = new Map<string, Compared>()
  for (const one of played) {
    for (const expected of one.expected) {
      const link = keyOf(expected)
      const trueCalls = expected.calls + (told.get(link)?.trueCalls ?? 0)
      told.set(link, { link, played: one, trueCalls, foundCalls: found.get(link) ?? 0 })
    }
  }
  const invented = [...found].filter(([link]) => !told.has(link))
  const none = invented.map(([link, foundCalls]) => ({ link, trueCalls: 0, foundCalls }))
  return [...told.values(), ...none]
}

/** Share of the calls found of which both ends are known: name look-ups are left out here as well. */
function scoreOf(compared: readonly Compared[]): number {
  const sum = (links: readonly Compared[]) => links.reduce((all, one) => all + one.foundCalls, 0)
  return sum(compared.filter(({ link }) => !/(^|> )host:/.test(link))) / sum(compared)
}

/** The links of a voting shop, whose services' ids begin so, beside what was found. */
export async function compareShop(
  expected: readonly TrueLink[],
  ids: string,
  inkling: Inkling,
): Promise<Matrix> {
  const way = { name: 'the voting shop' }
  const matrix = await compareWays([{ way, reach: 'across hosts', expected }], inkling)
  return { ...matrix, compared: matrix.compared.filter(({ link }) => link.includes(ids)) }
}

interface Ends {
  readonly client: string
  readonly server: string
}

/** Engines of a Swarm talk among themselves: true, and nobody's errand. */
const isEngines = ({ client, server }: Ends): boolean =>
  client === 'process:dockerd' && server === 'process:dockerd'

/** Inkling's server, which is on no node, asks Mesos' agents what their tasks take; the stand-in has none that answer. */
const isServersQuestion = ({ client, server, protocol }: Ends & { protocol: string }): boolean =>
  client === 'internet' && server.startsWith('host:') && protocol === 'tcp'

const keyOf = ({ client, server, protocol }: Ends & { protocol: string }): string =>
  `${client} -> ${server} ${protocol}`

export const isRight = ({ trueCalls, foundCalls }: Compared): boolean => foundCalls === trueCalls

const isMissing = ({ trueCalls, foundCalls }: Compared): boolean => foundCalls < trueCalls

/** Within 1 %, as a busy map promises. */
export const isNear = ({ trueCalls, foundCalls }: Compared): boolean =>
  Math.abs(foundCalls - trueCalls) <= trueCalls * 0.01

/** Fewer calls were found, and the agents say that they lost packets: not right, but not wrongly told. */
export const isExcused = (
  { lostPackets }: Pick<Matrix, 'lostPackets'>,
  one: Pick<Compared, 'trueCalls' | 'foundCalls'>,
): boolean => lostPackets > 0 && one.foundCalls < one.trueCalls

/** One line: `right  a -> b http  20 of 20  (the way, across hosts)`. */
export function format(one: Compared): string {
  const how = one.played ? `${one.played.way.name}, ${one.played.reach}` : 'not true'
  const verdict = isRight(one) ? 'right' : 'WRONG'
  return `${verdict}  ${one.link}  ${one.foundCalls} of ${one.trueCalls}  (${how})`
}

/** A row a way, a column a reach: calls found of calls made. */
export function table(ways: readonly Way[], { compared, score, lostPackets }: Matrix): string {
  const cell = (way: Way, reach: Reach): string => {
    const links = compared.filter(({ played }) => played?.way === way && played.reach === reach)
    if (links.length === 0) return '-'
    const sum = (calls: (one: Compared) => number) =>
      links.reduce((all, one) => all + calls(one), 0)
    const wrong = links.filter(one => !isRight(one)).length
    const said = `${sum(one => one.foundCalls)} of ${sum(one => one.trueCalls)}`
    return wrong === 0 ? said : `**${said}**`
  }
  const rows = ways.map(way => [
    way.name,
    ...reaches.map(reach => cell(way, reach)),
    way.note ?? '',
  ])
  const lines = [['way', ...reaches, 'note'], ['---', ...reaches.map(() => '---'), '---'], ...rows]
  const invented = compared.filter(({ played }) => !played).length
  const missing = compared.filter(({ foundCalls }) => foundCalls === 0).length
  const links = compared.length - invented
  return [
    ...lines.map(cells => `| ${cells.join(' | ')} |`),
    '',
    ...(lostPackets > 0 ? [`The agents lost ${lostPackets} packets.`, ''] : []),
    `${links} links, ${missing} missing, ${invented} invented; attribution score ${percent(score)}.`,
  ].join('\n')
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

const page = join(import.meta.dirname, '../../docs/use/attribution.md')
/** Puts the table where the page keeps it: between `<!-- NAME -->` and `<!-- end of NAME -->`. */
export function keep(name: string, text: string): void {
  const marks = [`<!-- ${name} -->`, `<!-- end of ${name} -->`] as const
  const [before, , after] = readFileSync(page, 'utf8').split(new RegExp(marks.join('|')))
  writeFileSync(page, `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`)
}
