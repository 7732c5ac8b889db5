#!/usr/bin/env node
// Every way to call across the hosts of a Swarm, played while Inkling watches: what was true beside what it found.
// --nodes N: on so many machines (2). --changes: the Swarm is changed under load as well. UPDATE=1 writes the table into the docs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sleep } from './command.ts'
import { type GraphAnswer, type Inkling, startInklings } from './inkling.ts'
import { type Swarm, startSwarm } from './swarm.ts'
import { type PlayedWay, playWays, type Reach, reaches, type Way, ways } from './swarm-cases.ts'
import { playChanges } from './swarm-changes.ts'
import { format as formatVerdict, judge } from './swarm-judge.ts'
import { setSwarmStage } from './swarm-stage.ts'

/** A link as it was and as it was found. */
export interface Compared {
  readonly link: string
  /** How its calls were made; none: there is no such link in truth. */
  readonly played?: PlayedWay
  readonly trueCalls: number
  readonly foundCalls: number
}

export interface SwarmMatrix {
  readonly compared: readonly Compared[]
  /** The attribution score over these links. */
  readonly score: number
  readonly lostPackets: number
}

/** Longer than an agent looks for the owner of a socket. */
const settleMs = 7000
const windowSeconds = 600

/** Plays every way on a Swarm that is watched, and compares. */
export async function watchWays(
  swarm: Swarm,
  inkling: Inkling,
  ids?: readonly string[],
): Promise<SwarmMatrix> {
  const played = await playWays(await setSwarmStage(swarm), ids)
  await sleep(settleMs)
  const compared = compare(played, await inkling.graph(windowSeconds))
  return { compared, score: scoreOf(compared), lostPackets: await inkling.lostPackets() }
}

/** Every true link and every found one, but name look-ups and what the engines say to each other. */
function compare(played: readonly PlayedWay[], { links }: GraphAnswer): Compared[] {
  const found = new Map<string, number>()
  for (const { link, counts, traffic } of links) {
    if (link.protocol === 'dns' || isEngines(link)) continue
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

interface Ends {
  readonly client: string
  readonly server: string
}

/** The nodes of a Swarm talk among themselves: true, and nobody's errand. */
const isEngines = ({ client, server }: Ends): boolean =>
  client === 'process:dockerd' && server === 'process:dockerd'

const keyOf = ({ client, server, protocol }: Ends & { protocol: string }): string =>
  `${client} -> ${server} ${protocol}`

/** Of a way that is known to be hidden nothing may be found either: then its mark is wrong. */
export const isRight = ({ played, trueCalls, foundCalls }: Compared): boolean =>
  foundCalls === (played?.way.isHidden ? 0 : trueCalls)

/** Fewer calls were found, and the agents say that they lost packets: not right, but not wrongly told. */
export const isExcused = ({ lostPackets }: SwarmMatrix, one: Compared): boolean =>
  lostPackets > 0 && one.foundCalls < one.trueCalls

/** One line: `right  a -> b http  20 of 20  (the way, across hosts)`. */
export function format(one: Compared): string {
  const how = one.played ? `${one.played.way.name}, ${one.played.reach}` : 'not true'
  const verdict = isRight(one) ? 'right' : 'WRONG'
  return `${verdict}  ${one.link}  ${one.foundCalls} of ${one.trueCalls}  (${how})`
}

/** A row a way, a column a reach: calls found of calls made. */
export function table({ compared, score, lostPackets }: SwarmMatrix): string {
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
const marks = ['<!-- swarm matrix -->', '<!-- end of swarm matrix -->'] as const

/** Puts the table where the page keeps it. */
export function keep(text: string): void {
  const [before, , after] = readFileSync(page, 'utf8').split(new RegExp(marks.join('|')))
  writeFileSync(page, `${before}${marks[0]}\n\n${text}\n\n${marks[1]}${after}`)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '2' },
      changes: { type: 'boolean', default: false },
    },
  })
  const swarm = await startSwarm({ nodes: Number(values.nodes) })
  console.log(`A Swarm of ${swarm.nodes.length} nodes is up in ${swarm.place.dir}`)
  try {
    const inkling = await startInklings(swarm)
    const matrix = await watchWays(swarm, inkling)
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${table(matrix)}`)
    if (process.env.UPDATE) keep(table(matrix))
    if (!matrix.compared.every(isRight)) process.exitCode = 1
    if (values.changes) {
      const verdict = await judge(inkling, await playChanges(swarm))
      console.log(`\n${formatVerdict(verdict)}`)
      if (verdict.wrong.length > 0) process.exitCode = 1
    }
    await inkling.stop()
  } finally {
    swarm.stop()
  }
}
