import type { Endpoint } from '#model/endpoint.ts'
import type { Network } from '#model/network.ts'
import { type Resident, taskOf } from '#model/resident.ts'
import {
  type Address,
  type Instance,
  isGone,
  type PublishedPort,
  type Service,
  type ServiceGroup,
  uniteGroups,
} from '#model/service.ts'
import { Dwellings, type Stay } from './dwellings.ts'
import { Known, type Owner, oneOf } from './known.ts'
import { holdersAt } from './ranges.ts'

/** Who held something, when: `toMs` is Infinity while it still does. What leads to any instance has none. */
export interface Tenure {
  readonly service: Service
  readonly instance?: Instance
  /** The machine it is on, by name or address; empty when nobody said. */
  readonly node: string
  readonly network: string
  readonly fromMs: number
  toMs: number
}

/** Who lives in a network namespace. */
export interface Tenants {
  readonly tenants: readonly Tenure[]
  /** Containers there that nobody told who they are. */
  readonly strangers: number
  /** It is a pod's: what is an address there is one in the whole cluster. */
  readonly isPod: boolean
}

/** Who tells of groups: an orchestrator of a node, or (`node` is empty) of the whole cluster. */
export interface Teller {
  readonly node: string
  readonly orchestrator: string
}

/** Where an address or a port was seen: the node, and the networks of who looked, asked first. */
export interface Sighting {
  readonly node: string
  readonly networks?: readonly string[]
}

/** Tenures over for longer are forgotten. */
const keptMs = 15 * 60_000
/** Tenures remembered per address: more than any address changes hands within `keptMs` in earnest. */
const perKeyMax = 64
/** Networks whose addresses mean the same on every node that reaches them. */
const wideDrivers: ReadonlySet<string> = new Set(['macvlan', 'ipvlan', 'overlay'])
/** Stands for every node. */
const everywhere = '*'
/** Among the names of a machine: it is one of the cluster's, so its ports of every node are its too. */
export const anyNode = everywhere

/** Something held: by an instance, or by a service as a whole. */
interface Holding {
  readonly key: string
  readonly node: string
  readonly network: string
  readonly instance?: Instance
}

/**
 * Ownership over time: which instance held an address, a network namespace or a published port, when. Addresses are
 * reused, so each key has a list of time ranges, newest last, never one owner; the same address exists in many networks
 * (172.17.0.2 on every node), so a key has its network or its node in it, and only what is wide has neither.
 */
export class Tenures {
  readonly #held = new Map<string, Tenure[]>()
  /** By service, then by teller. */
  readonly #groups = new Map<string, Map<string, ServiceGroup>>()
  readonly #known = new Known()
  readonly #dwellings = new Dwellings()
  readonly #wide = new Set<string>()
  /** Overlays: only who is on one reaches its addresses; elsewhere the same ones are others', those of machines too. */
  readonly #enclosed = new Set<string>()

  /** Networks of a node; told before the groups that live on them. */
  networks(networks: readonly Network[]): void {
    for (const { id, driver, isShared } of networks) {
      if (isShared || wideDrivers.has(driver)) this.#wide.add(id)
      if (driver === 'overlay') this.#enclosed.add(id)
    }
  }

  /** All groups of one teller: those it told before and no longer tells are gone. */
  all(teller: Teller, groups: readonly ServiceGroup[], nowMs: number): void {
    const told = new Set(groups.map(({ service }) => service.id))
    const wholes = this.#wholesOf(teller, groups)
    for (const [id, tellings] of [...this.#groups]) {
      if (told.has(id)) continue
      for (const [key, nothing] of wholes) {
        const service = tellings.get(key)?.service
        if (service) this.changed(teller, { ...nothing, service, instances: [] }, nowMs)
      }
    }
    for (const group of groups) this.changed(teller, group, nowMs)
  }

  /** One group, whole. What it no longer holds is let go. */
  changed(teller: Teller, group: ServiceGroup, nowMs: number): void {
    if (this.#isOld(teller, group)) return
    const before = this.#note(teller, group)
    this.#remember(teller, before, group, nowMs)
    const holdings = this.#holdingsOf(teller, group)
    const kept = new Set(holdings.map(holdingId))
    if (before) {
      for (const holding of this.#holdingsOf(teller, before)) {
        if (!kept.has(holdingId(holding))) this.#release(before.service, holding, nowMs)
      }
    }
    for (const holding of holdings) this.#take(group.service, holding, nowMs)
  }

  /** Every service, as all its tellers together know it. */
  *groups(): Iterable<ServiceGroup> {
    for (const tellings of this.#groups.values()) {
      const group = this.#united(tellings)
      if (group) yield group
    }
  }

  /** One service, as all its tellers together know it. */
  group(service: string): ServiceGroup | undefined {
    const tellings = this.#groups.get(service)
    return tellings && this.#united(tellings)
  }

  /** The machine that an instance is on, by name or address; empty when nobody said. */
  nodeOf(instance: string): string {
    return this.#known.nodeOf(instance)
  }

  /** All containers that live on a node, whatever runs them. */
  residents(node: string, residents: readonly Resident[], nowMs: number): void {
    this.#dwellings.tell(node, residents, nowMs)
  }

  /** Who is meant by the owner of a socket: an instance, or a container of one, as its node calls it. */
  owner(node: string, id: string, atMs: number): Owner | undefined {
    const own = this.#known.get(id)
    if (own) return this.#meant(own)
    const stays = this.#dwellings.of(node, id, atMs)
    if (stays.length === 0) return this.#known.called([id])
    const owners = stays.map(({ resident }) => this.#known.called(resident.names))
    return owners.every(owner => owner !== undefined) ? oneOf(owners) : undefined
  }

  /** Who held `ip` at that time, as seen from there: in the networks of who looked, on the node, then anywhere. */
  ofAddress({ node, networks = [] }: Sighting, ip: string, atMs: number): Tenure | undefined {
    const keys = [...networks.map(network => `net ${network}`), node, everywhere]
    for (const key of keys) {
      const tenures = this.#at(`${key} ip ${ip}`, atMs)
      const isReached = ({ network }: Tenure) =>
        networks.includes(network) || !this.#enclosed.has(network)
      const tenure = nearest(tenures.filter(isReached))
      if (tenure) return this.#meant(tenure)
    }
    return undefined
  }

  /** The port of its instances to which a port of a service's virtual address leads. */
  targetPort(service: string, { ip, port }: Endpoint): number {
    for (const group of this.#groups.get(service)?.values() ?? []) {
      for (const { ip: virtual, ports = [] } of group.virtual ?? []) {
        const found = virtual === ip && ports.find(each => each.port === port)
        if (found) return found.targetPort
      }
    }
    return port
  }

  /** All who live in a network namespace, oldest first: as they are told, else as control groups and orchestrators tell together. */
  ofNamespace(node: string, namespace: string, atMs: number): Tenants {
    const told = this.#at(`${node} ns ${namespace}`, atMs).reverse()
    if (told.length > 0) {
      return { tenants: told.map(each => this.#meant(each)), strangers: 0, isPod: false }
    }
    const stays = this.#dwellings.in(node, namespace, atMs)
    const tenants = this.#tenantsOf(stays)
    const strangers = stays.filter(({ resident }) => !this.#known.called(resident.names)).length
    return { tenants, strangers, isPod: stays.some(({ resident }) => taskOf(resident)) }
  }

  /** The node on which a pod was found that has this address, and who it is, where that is known. */
  foundAt(
    ip: string,
    atMs: number,
  ): { readonly node: string; readonly tenure?: Tenure } | undefined {
    const stays = this.#dwellings.at(ip, atMs)
    if (stays.length === 0) return undefined
    const [tenure, ...others] = this.#tenantsOf(stays)
    return { node: stays[0].node, ...(others.length === 0 ? { tenure } : {}) }
  }

  /**
   * Who is reached through a port of a machine, known by any of its names and addresses (`anyNode` among them: it is
   * one of the cluster's), and at which port of its own.
   */
  ofPublished(names: readonly string[], ip: string, port: number, atMs: number) {
    for (const name of names) {
      for (const tenure of nearestFirst(this.#at(`${name} port ${port}`, atMs))) {
        const published = this.#publishedBy(tenure, ip, port)
        if (published) return { tenure: this.#meant(tenure), targetPort: published.targetPort }
      }
    }
    return undefined
  }

  /** A task in a container that does not say so is its orchestrator's. */
  #meant<T extends { readonly service: Service; readonly instance?: Instance }>(owner: T): T {
    const service = this.#known.adopter(owner)
    return service ? { ...owner, service } : owner
  }

  /** Undefined for a plain container that is somebody's task: it is told as that. */
  #united(tellings: ReadonlyMap<string, ServiceGroup>): ServiceGroup | undefined {
    const groups = [...tellings.values()]
    const { service } = groups[0]
    const instances = groups.flatMap(group => group.instances)
    if (instances.some(instance => this.#known.adopter({ service, instance }))) return undefined
    const adopted = instances.flatMap(instance => this.#known.adoptees({ service, instance }))
    return uniteGroups(adopted.length === 0 ? groups : [...groups, { service, instances: adopted }])
  }

  /** Forgets what ended long ago. */
  prune(nowMs: number): void {
    for (const [key, tenures] of this.#held) {
      const kept = tenures.filter(tenure => tenure.toMs > nowMs - keptMs)
      if (kept.length === 0) this.#held.delete(key)
      else if (kept.length < tenures.length) this.#held.set(key, kept)
    }
    this.#known.prune(nowMs)
    this.#dwellings.prune(nowMs)
  }

  /** Each once, however many of its containers live there. */
  #tenantsOf(stays: readonly Stay[]): Tenure[] {
    const tenants = new Map<string, Tenure>()
    for (const { resident, node, fromMs, toMs } of stays) {
      const owner = this.#known.called(resident.names)
      if (owner) tenants.set(owner.instance.id, { ...owner, node, network: '', fromMs, toMs })
    }
    return [...tenants.values()]
  }

  #publishedBy({ service, instance }: Tenure, ip: string, port: number): PublishedPort | undefined {
    const isIt = (each: PublishedPort) => each.port === port && binds(each, ip)
    if (instance) return instance.published.find(isIt)
    for (const group of this.#groups.get(service.id)?.values() ?? []) {
      const found = group.nodePorts?.find(isIt)
      if (found) return found
    }
    return undefined
  }

  /** What a whole telling is whole of: of its teller, and of the clusters that its groups are of, as of their newest. */
  #wholesOf(teller: Teller, groups: readonly ServiceGroup[]) {
    const wholes = new Map<string, Pick<ServiceGroup, 'cluster'>>([[keyOf(teller), {}]])
    for (const { cluster } of groups) {
      if (!cluster) continue
      const key = keyOf(teller, { cluster })
      const known = wholes.get(key)?.cluster?.version ?? -1
      if (cluster.version > known) wholes.set(key, { cluster })
    }
    return wholes
  }

  /** Another who knows the same cluster told something newer. */
  #isOld(teller: Teller, group: ServiceGroup): boolean {
    const known = this.#groups.get(group.service.id)?.get(keyOf(teller, group))
    return (group.cluster?.version ?? 0) < (known?.cluster?.version ?? 0)
  }

  /** Writes down what a teller says of a group; answers what it said before. */
  #note(teller: Teller, group: ServiceGroup): ServiceGroup | undefined {
    const { id } = group.service
    const tellings = this.#groups.get(id) ?? new Map<string, ServiceGroup>()
    const key = keyOf(teller, group)
    const before = tellings.get(key)
    if (isGone(group)) tellings.delete(key)
    else tellings.set(key, group)
    if (tellings.size > 0) this.#groups.set(id, tellings)
    else this.#groups.delete(id)
    return before
  }

  #remember(
    { node }: Teller,
    before: ServiceGroup | undefined,
    { service, instances }: ServiceGroup,
    nowMs: number,
  ) {
    const now = new Set(instances.map(({ id }) => id))
    for (const { id } of before?.instances ?? []) if (!now.has(id)) this.#known.gone(id, nowMs)
    for (const instance of instances) {
      this.#known.put(service, instance, instance.node ?? node)
    }
  }

  #holdingsOf(teller: Teller, group: ServiceGroup): Holding[] {
    const { service, instances, virtual = [], nodePorts = [] } = group
    return [
      ...instances.flatMap(instance => this.#ofInstance(teller, service, instance)),
      ...virtual.flatMap(address => this.#ofAddress('', address)),
      ...nodePorts.map(({ port }) => ({
        ...{ key: `${everywhere} port ${port}`, node: '', network: '' },
      })),
    ]
  }

  #ofInstance(teller: Teller, { kind }: Service, instance: Instance): Holding[] {
    const { addresses, namespace, published } = instance
    const node = instance.node ?? teller.node
    const held = addresses.flatMap(address =>
      this.#ofAddress(instance.node === undefined ? node : '', address),
    )
    const here = { node, network: '' }
    // A process lives in a namespace with others: its sockets tell what is its own.
    if (namespace && kind !== 'process') held.push({ ...here, key: `${node} ns ${namespace}` })
    for (const { ip, port } of published) {
      held.push({ ...here, key: `${node} port ${port}` })
      if (!isAny(ip)) held.push({ ...here, key: `${ip} port ${port}` })
    }
    return held.map(holding => ({ ...holding, node, instance }))
  }

  /** What another than a node's own agent tells (no `node`) is of the cluster: it means the same everywhere. */
  #ofAddress(node: string, { ip, network }: Address): Holding[] {
    const held: Holding[] = []
    if (network !== '') held.push({ key: `net ${network} ip ${ip}`, node, network })
    if (node !== '') held.push({ key: `${node} ip ${ip}`, node, network })
    const isWide = node === '' || this.#wide.has(network)
    if (isWide) held.push({ key: `${everywhere} ip ${ip}`, node, network })
    return held
  }

  #release({ id }: Service, { key, instance }: Holding, nowMs: number): void {
    for (const tenure of this.#held.get(key) ?? []) {
      const isIts = tenure.service.id === id && tenure.instance?.id === instance?.id
      if (isIts && tenure.toMs === Infinity) tenure.toMs = nowMs
    }
  }

  #take(service: Service, { key, node, network, instance }: Holding, nowMs: number): void {
    const tenures = this.#held.get(key) ?? []
    const current = tenures.findIndex(
      tenure =>
        tenure.service.id === service.id &&
        tenure.instance?.id === instance?.id &&
        tenure.toMs === Infinity,
    )
    const sinceMs = Math.min(instance?.sinceMs ?? nowMs, nowMs)
    const fromMs = current >= 0 ? tenures[current].fromMs : sinceMs
    if (current >= 0) tenures.splice(current, 1)
    tenures.push({ service, instance, node, network, fromMs, toMs: Infinity })
    tenures.sort((a, b) => a.fromMs - b.fromMs)
    if (tenures.length > perKeyMax) tenures.shift()
    this.#held.set(key, tenures)
  }

  #at(key: string, atMs: number): Tenure[] {
    return holdersAt(this.#held.get(key) ?? [], atMs)
  }
}

/** Who tells of a cluster as a whole says what any other says who does: they count as one. */
function keyOf({ node, orchestrator }: Teller, { cluster }: Partial<ServiceGroup> = {}): string {
  return cluster ? `cluster ${cluster.id} ${orchestrator}` : `node ${node} ${orchestrator}`
}

const holdingId = ({ key, instance }: Holding): string => `${instance?.id} ${key}`

const isAny = (ip: string): boolean => ip === '' || ip === '0.0.0.0' || ip === '::'

const binds = (published: PublishedPort, ip: string): boolean =>
  isAny(published.ip) || published.ip === ip

/** Of those who tell of one holder, its own node's agent knows it best. */
const nearest = (tenures: readonly Tenure[]): Tenure | undefined => nearestFirst(tenures)[0]

function nearestFirst(tenures: readonly Tenure[]): readonly Tenure[] {
  if (tenures.length < 2) return tenures
  const isSeen = ({ instance }: Tenure) => instance !== undefined && instance.node === undefined
  return [...tenures].sort((a, b) => Number(isSeen(b)) - Number(isSeen(a)))
}
