#!/usr/bin/env node
// Every way to call across the hosts of a Swarm, played while Inkling watches: what was true beside what it found.
import type { GraphAnswer } from './inkling.ts'
import type { PlayedWay, Reach, Way } from './swarm-cases.ts'

/** A link as it was and as it was found; no `way`: there is no such link in truth. */
export interface Compared {
  readonly link: string
  readonly way?: Way
  readonly reach?: Reach
  readonly trueCalls: number
  readonly foundCalls: number
}

/** Every true link and every found one, but name look-ups and what the engines say to each other. */
export function compare(played: readonly PlayedWay[], { links }: GraphAnswer): Compared[] {
  const found = new Map<string, number>()
  for (const { link, counts, traffic } of links) {
    if (link.protocol === 'dns' || isEngines(link.client, link.server)) continue
    const { ok, warning, error } = counts
    const calls = link.protocol === 'tcp' ? traffic.failures : ok + warning + error
    if (calls > 0) found.set(keyOf(link), calls)
  }
  const told = new Map<string, Compared>()
  for (const { way, reach, expected } of played) {
    for (const one of expected) {
      const link = keyOf(one)
      const trueCalls = one.calls + (told.get(link)?.trueCalls ?? 0)
      told.set(link, { link, way, reach, trueCalls, foundCalls: found.get(link) ?? 0 })
    }
  }
  const invented = [...found].filter(([link]) => !told.has(link))
  const none = invented.map(([link, foundCalls]) => ({ link, trueCalls: 0, foundCalls }))
  return [...told.values(), ...none]
}

/** The nodes of a Swarm talk among themselves: true, and no errand. */
const isEngines = (client: string, server: string) =>
  client === 'process:dockerd' && server === 'process:dockerd'

const keyOf = (link: { client: string; server: string; protocol: string }) =>
  `${link.client} -> ${link.server} ${link.protocol}`

export const isRight = ({ trueCalls, foundCalls }: Compared): boolean => trueCalls === foundCalls

/** One line: `right  a -> b http  20 of 20  (the way, across hosts)`. */
export function format({ link, way, reach, trueCalls, foundCalls }: Compared): string {
  const verdict = trueCalls === foundCalls ? 'right' : 'WRONG'
  return `${verdict}  ${link}  ${foundCalls} of ${trueCalls}  (${way ? `${way.name}, ${reach}` : 'not true'})`
}
