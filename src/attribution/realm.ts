import { isLoopback } from '#lib/ip.ts'
import type { Network } from '#model/network.ts'
import { formatPlace, groupIn, idWithin, serviceIn } from '#model/place.ts'
import type { Resident } from '#model/resident.ts'
import type { Instance, Service, ServiceGroup } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import { type Abroad, type Attribution, Attributor, type End } from './attribute.ts'
import { Names } from './names.ts'
import { Observers } from './observers.ts'
import type { Outsiders } from './outsiders.ts'
import { type NodePlace, Places } from './places.ts'
import { type Teller, Tenures } from './tenures.ts'

/**
 * All that is known of one cluster. What an address means there, and what its services and machines are called, is its
 * own affair: another cluster may have the same ones. What it tells to the outside has its cluster in it.
 */
export class Realm {
  readonly cluster: string
  readonly names = new Names()
  readonly #tenures = new Tenures()
  readonly #observers = new Observers()
  readonly #places = new Places()
  readonly #attributor: Attributor
  /** Services of this cluster as they are called outside. */
  readonly #outward = new WeakMap<Service, Service>()

  constructor(cluster: string, outsiders: Outsiders, abroad: Abroad) {
    this.cluster = cluster
    this.#attributor = new Attributor(this.#tenures, this.#places, this.names, outsiders, abroad)
  }

  place(place: NodePlace): void {
    this.#places.place(place)
  }

  placeOf(node: string): NodePlace | undefined {
    return this.#places.of(node)
  }

  /** All networks of one node's orchestrator. */
  networks(node: string, networks: readonly Network[]): void {
    this.#places.networks(node, networks)
    this.#tenures.networks(networks)
  }

  /** `isAll`: groups that the teller told before and no longer tells are gone. */
  groups(teller: Teller, isAll: boolean, groups: readonly ServiceGroup[], nowMs: number): void {
    if (isAll) this.#tenures.all(teller, groups, nowMs)
    else for (const group of groups) this.#tenures.changed(teller, group, nowMs)
  }

  /** All containers that live on a node, whatever runs them. */
  residents(node: string, residents: readonly Resident[], nowMs: number): void {
    this.#tenures.residents(node, residents, nowMs)
  }

  /** All groups that orchestrators tell of. */
  *told(): Iterable<ServiceGroup> {
    for (const group of this.#tenures.groups()) yield groupIn(this.cluster, group)
  }

  group(service: string): ServiceGroup | undefined {
    const id = idWithin(this.cluster, service)
    const group = id === undefined ? undefined : this.#tenures.group(id)
    return group && groupIn(this.cluster, group)
  }

  /** The machine that an instance is on, with its cluster, as its agent calls it where it has one; empty when nobody said. */
  machineOf({ id, node }: Instance): string {
    const told = this.#tenures.nodeOf(id) || (node ?? '')
    if (told === '') return ''
    return formatPlace({ cluster: this.cluster, node: this.#places.nodeNamed(told) ?? told })
  }

  /** Who answers on a port of its machine is known to that machine alone. */
  hear({ transport, server, local, namespace, serverOwner }: Subject, place: NodePlace): void {
    if (serverOwner === undefined || namespace !== place.hostNamespace) return
    const isReached = local === 'server' || (local === 'both' && !isLoopback(server.ip))
    if (isReached) this.#places.heard(place.node, transport, server.port, serverOwner)
  }

  /** Finds the link of a window, if this observation of it counts. Ask in order of falling `precedence` within a second. */
  attribute(subject: Subject, place: NodePlace, atMs: number): Attribution {
    const found = this.#attributor.attribute(subject, place, atMs)
    if (found.kind !== 'link') return found
    const { client, server } = found
    if (!this.#observers.counts(subject, client, server, place, atMs)) return { kind: 'elsewhere' }
    return {
      kind: 'link',
      client: this.#asCalledOutside(client),
      server: this.#asCalledOutside(server),
    }
  }

  nodeOf(ip: string): string | undefined {
    return this.#places.nodeOf(ip)
  }

  /** Who answers at a port of that machine of this cluster, which a machine of another one called. */
  serverAt(node: string, subject: Subject, atMs: number): End {
    return { ...this.#attributor.serverHere(subject, node, atMs), cluster: this.cluster }
  }

  prune(nowMs: number): void {
    this.#tenures.prune(nowMs)
    this.#observers.prune(nowMs)
  }

  #asCalledOutside(end: End): End {
    if (end.cluster !== undefined) return { ...end, service: serviceIn(end.cluster, end.service) }
    if (this.cluster === '') return end
    const known = this.#outward.get(end.service)
    const service = known ?? serviceIn(this.cluster, end.service)
    if (!known) this.#outward.set(end.service, service)
    return { ...end, service }
  }
}
