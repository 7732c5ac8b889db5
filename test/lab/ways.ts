import type { Machine } from './machines.ts'
import type { TrueLink } from './truth.ts'

/** A way in which one party calls another across machines. */
export interface Way {
  readonly name: string
  /** What this kernel lacks and what stands in for it, or how else it is to be understood. */
  readonly note?: string
  /** Between which machines; both ways across and within one unless told otherwise. */
  readonly reaches?: readonly Reach[]
}

export const reaches = ['same host', 'across hosts', 'from outside'] as const
export type Reach = (typeof reaches)[number]

/** One way between two machines. */
export interface Journey<W extends Way> {
  readonly way: W
  readonly reach: Reach
  readonly from: Machine
  readonly to: Machine
}

/** One way between two machines, played. */
export interface PlayedWay {
  readonly way: Way
  readonly reach: Reach
  readonly expected: readonly TrueLink[]
}

/** Every way between every two machines that it reaches between. */
export function journeys<W extends Way>(
  ways: readonly W[],
  nodes: readonly Machine[],
): Journey<W>[] {
  return ways.flatMap(way => {
    const wanted = way.reaches ?? ['same host', 'across hosts']
    const all = nodes.flatMap(from =>
      nodes.map(to => ({ way, from, to, reach: reachOf(from, to) })),
    )
    const outside = nodes.map(to => ({ way, from: to, to, reach: 'from outside' as const }))
    return [...all, ...outside].filter(({ reach }) => wanted.includes(reach))
  })
}

/** Of each way one journey of each reach, from one machine and then from the next: half of those between two. */
export function oneOfEach<W extends Way>(all: readonly Journey<W>[]): Journey<W>[] {
  const byWay = [...Map.groupBy(all, ({ way, reach }) => `${way.name} ${reach}`).values()]
  return byWay.map((same, i) => same[i % same.length])
}

const reachOf = (from: Machine, to: Machine): Reach => (from === to ? 'same host' : 'across hosts')
