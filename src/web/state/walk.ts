import { linkOfFlow } from './apart.ts'
import type { Figures } from './page.ts'
import { isVertex, type Selection } from './view.ts'

export type Step = 'left' | 'right' | 'up' | 'down'

/**
 * Where an arrow key leads. From a service: right to the service it calls most, left to the one that calls it most, up
 * and down to what its busiest caller also calls. From a link: to its ends, or to the next link of the same client.
 */
export function walk(figures: Figures, from: Selection | undefined, step: Step): Selection {
  const { topology } = figures
  const service = from && isVertex(from) ? topology.serviceIndex.get(from.id) : undefined
  if (service !== undefined) return serviceAt(figures, fromService(figures, service, step))
  const link = from && !isVertex(from) ? topology.linkIndex.get(from.id) : undefined
  if (link !== undefined) return fromLink(figures, link, step)
  return serviceAt(figures, beginning(figures))
}

/** What stands on the map is a service or a group, and between them runs a link or many. */
export function serviceAt({ topology }: Figures, index: number): Selection {
  const { id, kind } = topology.services[index]
  return { kind: kind === 'group' || kind === 'instance' ? kind : 'service', id }
}

export function linkAt({ topology }: Figures, index: number): Selection {
  const { id, protocol } = topology.links[index]
  return { kind: protocol === '' ? 'river' : linkOfFlow(id) === undefined ? 'link' : 'flow', id }
}

function fromService(figures: Figures, service: number, step: Step): number {
  const { topology } = figures
  const [out] = busiestFirst(figures, topology.outgoing[service])
  const [incoming] = busiestFirst(figures, topology.incoming[service])
  if (step === 'right') return out === undefined ? service : topology.links[out].server
  if (step === 'left') return incoming === undefined ? service : topology.links[incoming].client
  return beside(siblings(figures, incoming), service, step)
}

function siblings(figures: Figures, incoming: number | undefined): number[] {
  const { topology } = figures
  if (incoming === undefined) return roots(figures)
  const calls = busiestFirst(figures, topology.outgoing[topology.links[incoming].client])
  return [...new Set(calls.map(link => topology.links[link].server))]
}

function fromLink(figures: Figures, link: number, step: Step): Selection {
  const { topology } = figures
  const { client, server } = topology.links[link]
  if (step === 'left') return serviceAt(figures, client)
  if (step === 'right') return serviceAt(figures, server)
  const next = beside(busiestFirst(figures, topology.outgoing[client]), link, step)
  return linkAt(figures, next)
}

/** The one after or before in a ring. */
function beside(ring: readonly number[], at: number, step: Step): number {
  const index = ring.indexOf(at)
  if (index < 0) return at
  return ring[(index + (step === 'down' ? 1 : ring.length - 1)) % ring.length]
}

/** Services that nobody calls, in the order of the topology. */
function roots({ topology }: Figures): number[] {
  return [...topology.services.keys()].filter(index => topology.incoming[index].length === 0)
}

/** Where a walk begins: with whoever comes from outside, else with the one that calls most. */
function beginning(figures: Figures): number {
  const { calls } = figures.services
  const entry = figures.topology.services.findIndex(({ kind }) => kind === 'internet')
  if (entry >= 0) return entry
  return roots(figures).reduce((best, index) => (calls[index] > calls[best] ? index : best), 0)
}

/** Link indexes by requests per second; equal ones stay in order. */
export function busiestFirst({ links }: Figures, indexes: readonly number[]): number[] {
  return [...indexes].sort((a, b) => links.requests[b] - links.requests[a])
}
