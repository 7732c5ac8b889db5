import { isLoopback, isNobody } from '#lib/ip.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { hostService, type Instance, internet, type Service } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import type { Names } from './names.ts'
import type { Outsiders } from './outsiders.ts'
import { isPassedOn, type NodePlace, type Places } from './places.ts'
import { anyNode, type Tenants, type Tenure, type Tenures } from './tenures.ts'

/** One end of a link, found. `known` is false for a node's own sockets whose process could not be told. */
export interface End {
  readonly service: Service
  readonly instance?: Instance
  readonly endpoint: Endpoint
  readonly known: boolean
  /** It was called by an address that leads to any of the service's instances. */
  readonly isVirtual?: boolean
  /** The cluster that it is in, when that is another one. */
  readonly cluster?: string
}

/** The other clusters, as far as their machines are reached by addresses of their own. */
export interface Abroad {
  /** It is the address of a machine there, whose agent reports. */
  has(ip: string): boolean
  /** Who answers at that port of a machine there; undefined when the address is none of a machine's. */
  server(subject: Subject, atMs: number): End | undefined
}

/** There is no other cluster. */
export const nowhere: Abroad = { has: () => false, server: () => undefined }

/**
 * The two services behind a window. `plumbing` is traffic that is no call between services: the engine's own name
 * server, multicast. `elsewhere`: another node's agent sees this call where it is made, and tells it better.
 */
export type Attribution =
  | { readonly kind: 'link'; readonly client: End; readonly server: End }
  | { readonly kind: 'plumbing' }
  | { readonly kind: 'elsewhere' }

/** Docker's name server inside every container's namespace; what it asks upstream is seen by itself. */
const dockerNameServer = '127.0.0.11'

type Role = 'client' | 'server'

/** Finds the services behind a window's two endpoints. Knows who owned what when; asks nobody. */
export class Attributor {
  readonly #tenures: Tenures
  readonly #places: Places
  readonly #names: Names
  readonly #outsiders: Outsiders
  readonly #abroad: Abroad

  constructor(
    tenures: Tenures,
    places: Places,
    names: Names,
    outsiders: Outsiders,
    abroad: Abroad = nowhere,
  ) {
    this.#tenures = tenures
    this.#places = places
    this.#names = names
    this.#outsiders = outsiders
    this.#abroad = abroad
  }

  attribute(subject: Subject, place: NodePlace, atMs: number): Attribution {
    const { client, server, local } = subject
    if (server.ip === dockerNameServer || client.ip === dockerNameServer) return plumbing
    if (isNobody(server.ip) || isNobody(client.ip)) return plumbing
    const at = new Sight(subject, place, atMs, this.#tenures, this.#places)
    if (at.isToldElsewhere() || this.#isToldAbroad(subject, at)) return elsewhere
    const isLocal = (role: Role) => (local === role || local === 'both') && !at.isPassedOn()
    const find = (role: Role) =>
      (isLocal(role) ? at.localEnd(role) : at.remoteEnd(role)) ??
      (at.isInside(role) ? this.#stranger(subject, role) : this.#outside(subject, role, at, atMs))
    return { kind: 'link', client: find('client'), server: find('server') }
  }

  /** Who answers at a port of one of this cluster's machines, when it is called from another cluster. */
  serverHere(subject: Subject, node: string, atMs: number): End {
    const place = this.#places.of(node) ?? { node, hostNamespace: '', addresses: new Set() }
    return new Sight(subject, place, atMs, this.#tenures, this.#places).endAtNode('server', node)
  }

  /** The client is a machine of another cluster, or somebody behind it: its own agent knows who. */
  #isToldAbroad(subject: Subject, at: Sight): boolean {
    const { client, clientOwner } = subject
    if (!at.isArriving() || clientOwner !== undefined || !this.#abroad.has(client.ip)) return false
    return !at.isInside('client') && at.remoteEnd('client') === undefined
  }

  /** An address of a network of the cluster that nobody is told to have: a node without an agent, its balancer. */
  #stranger(subject: Subject, role: Role): End {
    const endpoint = subject[role]
    return { service: this.#outsiders.of(endpoint.ip), endpoint, known: false }
  }

  /** Nobody's address: who enters from outside is INTERNET; who is called there has a name or an address. */
  #outside(subject: Subject, role: Role, at: Sight, atMs: number): End {
    const abroad = role === 'server' ? this.#abroad.server(subject, atMs) : undefined
    if (abroad) return abroad
    const endpoint = subject[role]
    const entersFromOutside = role === 'client' && at.isArriving()
    const service = entersFromOutside
      ? internet
      : this.#outsiders.of(this.#names.of(endpoint.ip) ?? endpoint.ip)
    return { service, endpoint, known: true }
  }
}

const plumbing: Attribution = { kind: 'plumbing' }
const elsewhere: Attribution = { kind: 'elsewhere' }

const nobody: Tenants = { tenants: [], strangers: 0, isPod: false }

/** The one whom a namespace means, if it means one: all are of one service, and nobody else is there. */
function soleOf(tenants: readonly Tenure[], strangers: number): Tenure | undefined {
  if (tenants.length < 2) return strangers === 0 ? tenants[0] : undefined
  const isOnes = new Set(tenants.map(({ service }) => service.id)).size === 1
  return isOnes && strangers === 0 ? tenants[0] : undefined
}

/** One window's view: what its namespace, its node and the time say of its two ends. */
class Sight {
  readonly #subject: Subject
  readonly #place: NodePlace
  readonly #atMs: number
  readonly #tenures: Tenures
  readonly #places: Places
  #tenantsHere: Tenants | undefined
  #passedOn: boolean | undefined

  constructor(subject: Subject, place: NodePlace, atMs: number, tenures: Tenures, places: Places) {
    this.#subject = subject
    this.#place = place
    this.#atMs = atMs
    this.#tenures = tenures
    this.#places = places
  }

  /** It comes from elsewhere to somebody who lives here. */
  isArriving(): boolean {
    return this.#subject.local === 'server' || this.isPassedOn()
  }

  /** The node passes it on to a container of its own. */
  isPassedOn(): boolean {
    this.#passedOn ??=
      isPassedOn(this.#subject, this.#place) &&
      this.#isHere(this.#ofAddress(this.#subject.server.ip))
    return this.#passedOn
  }

  #isHere(tenure: Tenure | undefined): boolean {
    return tenure !== undefined && this.#places.nodeNamed(tenure.node) === this.#place.node
  }

  /**
   * The client is on another node with an agent of its own, which sees the call in the client's own namespace, before
   * any translation: only there it is known who calls.
   */
  isToldElsewhere(): boolean {
    const { client, clientOwner } = this.#subject
    if (!this.isArriving() || clientOwner !== undefined || isLoopback(client.ip)) return false
    if (this.#places.isBalancer(client.ip, this.#networks())) return true
    if (this.#isForeign() || this.#place.addresses.has(client.ip)) return false
    const held = this.#ofAddress(client.ip)
    // An orchestrator may call a machine otherwise than its agent does.
    const node =
      this.#places.nodeNamed(held ? held.node : client.ip) ?? this.#found(client.ip)?.node
    return node !== undefined && node !== this.#place.node
  }

  /**
   * The end in the namespace of the observation: its owner is certain. Where several share it and the socket's owner is not
   * known, it is one of them only if they are of one service: never a guess.
   */
  localEnd(role: Role): End {
    const { namespace } = this.#subject
    if (namespace === this.#place.hostNamespace) return this.#hostEnd(role)
    const owner = this.#byOwner(role)
    if (owner && owner.service.kind !== 'process') return this.#end(role, owner)
    const { tenants, strangers } = this.#tenantsHave()
    // Where containers live, a process without one was read before it was in it.
    const isContainers = tenants.length + strangers > 0
    const found = isContainers ? soleOf(tenants, strangers) : owner
    return found ? this.#end(role, found) : this.#unknownEnd(role, this.#place.node)
  }

  remoteEnd(role: Role): End | undefined {
    const endpoint = this.#subject[role]
    const owner = this.#byOwner(role)
    if (owner && role === 'client') return this.#end(role, owner)
    if (isLoopback(endpoint.ip)) return this.localEnd(role)
    if (this.#isForeign()) return undefined
    if (this.#place.addresses.has(endpoint.ip)) return this.#hostEnd(role)
    const published = role === 'server' ? this.#publishedEnd([endpoint.ip]) : undefined
    if (published) return published
    const tenure = this.#ofAddress(endpoint.ip)
    return tenure ? this.#held(role, tenure) : (this.#foundEnd(role) ?? this.#otherNodeEnd(role))
  }

  /** It is on a network of whoever lives where this was seen. */
  isInside(role: Role): boolean {
    return this.#places.isInside(this.#subject[role].ip, this.#networks())
  }

  /** Networks of whoever lives where this was seen. */
  #networks(): string[] {
    return this.#tenantsHave().tenants.flatMap(({ instance }) =>
      (instance?.addresses ?? []).map(address => address.network),
    )
  }

  #ofAddress(ip: string): Tenure | undefined {
    const sighting = { node: this.#place.node, networks: this.#networks() }
    return this.#tenures.ofAddress(sighting, ip, this.#atMs)
  }

  #found(ip: string) {
    return this.#tenures.foundAt(ip, this.#atMs)
  }

  /** A pod's address before its orchestrator tells it: its node saw it. */
  #foundEnd(role: Role): End | undefined {
    const found = this.#found(this.#subject[role].ip)
    if (!found) return undefined
    return found.tenure ? this.#held(role, found.tenure) : this.#unknownEnd(role, found.node)
  }

  /** A namespace of nobody we know: it may be another network altogether, where the same addresses mean others. */
  #isForeign(): boolean {
    const { namespace, local } = this.#subject
    if (local === 'unknown' || namespace === this.#place.hostNamespace) return false
    const { tenants, isPod } = this.#tenantsHave()
    return tenants.length === 0 && !isPod
  }

  /**
   * An address of the node itself: a published port's container, else the socket's owner, else the node. The engine
   * itself listens on ports that it publishes: it is no party.
   */
  #hostEnd(role: Role): End {
    const { node } = this.#place
    const published = role === 'server' ? this.#publishedEnd([node, anyNode]) : undefined
    if (published) return published
    const owner = this.#byOwner(role) ?? this.#untranslated(role)
    return owner ? this.#held(role, owner) : this.#unknownEnd(role, node)
  }

  /** An address that is not this node's: who is published there, else who was seen to listen, else the other node. */
  #otherNodeEnd(role: Role): End | undefined {
    const node = this.#places.nodeOf(this.#subject[role].ip)
    return node === undefined ? undefined : this.endAtNode(role, node)
  }

  /** Whoever is behind an address of that machine, seen from another one. */
  endAtNode(role: Role, node: string): End {
    const { port } = this.#subject[role]
    const published = role === 'server' ? this.#publishedEnd([node, anyNode]) : undefined
    if (published) return published
    const listener =
      role === 'server' ? this.#places.listener(node, this.#subject.transport, port) : undefined
    const owner =
      listener === undefined ? undefined : this.#tenures.owner(node, listener, this.#atMs)
    return owner ? this.#end(role, owner) : this.#unknownEnd(role, node)
  }

  /** The node's agent undid a translation: the address is a container's, though it was seen on the node. */
  #untranslated(role: Role): Tenure | undefined {
    const { ip } = this.#subject[role]
    if (isLoopback(ip) || this.#place.addresses.has(ip)) return undefined
    return this.#ofAddress(ip)
  }

  #publishedEnd(names: readonly string[]): End | undefined {
    const { ip, port } = this.#subject.server
    const found = this.#tenures.ofPublished(names, ip, port, this.#atMs)
    if (!found) return undefined
    const { service, instance } = found.tenure
    const endpoint = { ip: instance?.addresses[0]?.ip ?? ip, port: found.targetPort }
    return { service, instance, endpoint, known: true, isVirtual: instance === undefined }
  }

  #byOwner(role: Role) {
    const owner = role === 'client' ? this.#subject.clientOwner : this.#subject.serverOwner
    if (owner === undefined) return undefined
    return this.#tenures.owner(this.#place.node, owner, this.#atMs)
  }

  /** Who lives where this was seen; on the node itself that says nothing. */
  #tenantsHave(): Tenants {
    const { node, hostNamespace } = this.#place
    const { namespace } = this.#subject
    this.#tenantsHere ??=
      namespace === hostNamespace ? nobody : this.#tenures.ofNamespace(node, namespace, this.#atMs)
    return this.#tenantsHere
  }

  /** Who holds the address; a virtual one leads to another port of its service, and to nobody in particular. */
  #held(role: Role, { service, instance }: Pick<Tenure, 'service' | 'instance'>): End {
    if (instance) return this.#end(role, { service, instance })
    const { ip } = this.#subject[role]
    const port = this.#tenures.targetPort(service.id, this.#subject[role])
    return { service, endpoint: { ip, port }, known: true, isVirtual: true }
  }

  #end(role: Role, owner: Pick<Tenure, 'service' | 'instance'>): End {
    const { service, instance } = owner
    return { service, instance, endpoint: this.#subject[role], known: true }
  }

  #unknownEnd(role: Role, node: string): End {
    return { service: hostService(node), endpoint: this.#subject[role], known: false }
  }
}
