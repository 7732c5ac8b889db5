import type { Graph, GraphLink, Link } from '#model/graph.ts'
import type { ServiceRole } from '#model/service.ts'
import type { LiveLink, LiveService, TopologyMessage } from '#wire/live.ts'

/** What a service that is called with a protocol is to its callers. */
export type RoleOf = (protocol: string) => ServiceRole

/** Who watches a service, and where it runs. */
export type WatchedOf = (service: string) => Pick<LiveService, 'watched' | 'away' | 'node'>

/**
 * Names and order of services and links, made anew when one came, went or changed: their order is stable until then.
 * There are many and they seldom do, so who asks each second is answered by comparison.
 */
export class Topology {
  message: TopologyMessage = { type: 'topology', version: 0, services: [], links: [] }
  readonly #roleOf: RoleOf
  /** The graph's links that it was made of, in the graph's order. */
  #links: readonly Link[] = []
  /** Where each link of the message stands in the graph. */
  #places: readonly number[] = []
  #roles: ReadonlyMap<string, ServiceRole> = new Map()
  #servicesKey = ''

  constructor(roleOf: RoleOf) {
    this.#roleOf = roleOf
  }

  /** Follows the graph; answers whether the message is another now. */
  follow(graph: Graph, watchedOf: WatchedOf): boolean {
    const hasSameLinks = this.#isMadeOf(graph.links)
    if (!hasSameLinks) {
      this.#links = graph.links.map(({ link }) => link)
      this.#roles = rolesOf(this.#links, this.#roleOf)
    }
    const services = servicesOf(graph, this.#roles, watchedOf)
    const servicesKey = JSON.stringify(services)
    if (hasSameLinks && servicesKey === this.#servicesKey) return false
    this.#servicesKey = servicesKey
    const { links, places } = linksOf(this.#links, services)
    this.#places = places
    this.message = { type: 'topology', version: this.message.version + 1, services, links }
    return true
  }

  /** The links of the graph that it followed last, in the order of the message. */
  ordered({ links }: Graph): GraphLink[] {
    return this.#places.map(place => links[place])
  }

  #isMadeOf(links: readonly GraphLink[]): boolean {
    return (
      links.length === this.#links.length && links.every(({ link }, i) => link === this.#links[i])
    )
  }
}

function rolesOf(links: readonly Link[], roleOf: RoleOf): ReadonlyMap<string, ServiceRole> {
  const roles = new Map<string, ServiceRole>()
  for (const { server, protocol } of links) {
    const role = roleOf(protocol)
    if (role !== 'plain') roles.set(server, role)
  }
  return roles
}

function servicesOf(
  graph: Graph,
  roles: ReadonlyMap<string, ServiceRole>,
  watchedOf: WatchedOf,
): LiveService[] {
  const sorted = [...graph.services].sort((a, b) => (a.id < b.id ? -1 : 1))
  return sorted.map(
    ({ id, name, kind, group, instances, health }): LiveService => ({
      ...{ id, name, kind, group, instances, health },
      role: roles.get(id) ?? 'plain',
      ...watchedOf(id),
    }),
  )
}

/** Links by the places of their services, in order of their ids; and where each stood. */
function linksOf(links: readonly Link[], services: readonly LiveService[]) {
  const index = new Map(services.map(({ id }, i) => [id, i]))
  const placed: { readonly place: number; readonly link: LiveLink }[] = []
  links.forEach(({ id, protocol, ...ends }, place) => {
    const client = index.get(ends.client)
    const server = index.get(ends.server)
    if (client === undefined || server === undefined) return
    placed.push({ place, link: { id, protocol, client, server } })
  })
  placed.sort((a, b) => (a.link.id < b.link.id ? -1 : 1))
  return { links: placed.map(({ link }) => link), places: placed.map(({ place }) => place) }
}
