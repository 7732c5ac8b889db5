import type { Picture } from './page.ts'
import type { Selection } from './view.ts'

export type Step = 'left' | 'right' | 'up' | 'down'

/**
 * Where an arrow key leads. From a service: right to the service it calls most, left to the one that calls it most, up
 * and down to what its busiest caller also calls. From a link: to its ends, or to the next link of the same client.
 */
export function walk(picture: Picture, from: Selection | undefined, step: Step): Selection {
  const { topology } = picture
  const service = from?.kind === 'service' ? topology.serviceIndex.get(from.id) : undefined
  if (service !== undefined) return serviceAt(picture, fromService(picture, service, step))
  const link = from?.kind === 'link' ? topology.linkIndex.get(from.id) : undefined
  if (link !== undefined) return fromLink(picture, link, step)
  return serviceAt(picture, beginning(picture))
}

const serviceAt = ({ topology }: Picture, index: number): Selection => ({
  kind: 'service',
  id: topology.services[index].id,
})

function fromService(picture: Picture, service: number, step: Step): number {
  const { topology } = picture
  const [out] = busiestFirst(picture, topology.outgoing[service])
  const [incoming] = busiestFirst(picture, topology.incoming[service])
  if (step === 'right') return out === undefined ? service : topology.links[out].server
  if (step === 'left') return incoming === undefined ? service : topology.links[incoming].client
  return beside(siblings(picture, incoming), service, step)
}

function siblings(picture: Picture, incoming: number | undefined): number[] {
  const { topology } = picture
  if (incoming === undefined) return roots(picture)
  const calls = busiestFirst(picture, topology.outgoing[topology.links[incoming].client])
  return [...new Set(calls.map(link => topology.links[link].server))]
}

function fromLink(picture: Picture, link: number, step: Step): Selection {
  const { topology } = picture
  const { client, server } = topology.links[link]
  if (step === 'left') return serviceAt(picture, client)
  if (step === 'right') return serviceAt(picture, server)
  const next = beside(busiestFirst(picture, topology.outgoing[client]), link, step)
  return { kind: 'link', id: topology.links[next].id }
}

/** The one after or before in a ring. */
function beside(ring: readonly number[], at: number, step: Step): number {
  const index = ring.indexOf(at)
  if (index < 0) return at
  return ring[(index + (step === 'down' ? 1 : ring.length - 1)) % ring.length]
}

/** Services that nobody calls, in the order of the topology. */
function roots({ topology }: Picture): number[] {
  return [...topology.services.keys()].filter(index => topology.incoming[index].length === 0)
}

/** Where a walk begins: with whoever comes from outside, else with the one that calls most. */
function beginning(picture: Picture): number {
  const { calls } = picture.services
  const entry = picture.topology.services.findIndex(({ kind }) => kind === 'internet')
  if (entry >= 0) return entry
  return roots(picture).reduce((best, index) => (calls[index] > calls[best] ? index : best), 0)
}

/** Link indexes by requests per second; equal ones stay in order. */
export function busiestFirst({ links }: Picture, indexes: readonly number[]): number[] {
  return [...indexes].sort((a, b) => links.requests[b] - links.requests[a])
}
