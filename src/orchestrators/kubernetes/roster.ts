import type { Network } from '#model/network.ts'
import type { ServiceGroup } from '#model/service.ts'
import { Namespace } from './namespace.ts'
import type { Node } from './node.ts'
import type { Parent } from './owner.ts'
import { podNetwork } from './pod.ts'
import { serviceNetwork } from './reach.ts'
import type { Sink } from './reflector.ts'
import { type Kind, type Kinds, resources } from './resources.ts'

/** Whatever has a namespace and a name. */
interface Named {
  readonly namespace: string
  readonly name: string
}

const subnetsMax = 10_000

const keyOf = ({ namespace, name }: Named): string => `${namespace}/${name}`

/**
 * All that is known of a cluster, by namespace, and what was told of it. Only namespaces that changed are looked at
 * again. `changed` hears of each change.
 */
export class Roster {
  readonly #namespaces = new Map<string, Namespace>()
  readonly #nodes = new Map<string, Node>()
  readonly #dirty = new Set<string>()
  readonly #changed: () => void
  #addresses: Set<string> | undefined
  /** Objects beyond a limit. */
  cut = 0

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Where one kind of object goes. */
  sink<K extends Kind>(kind: K): Sink<Kinds[K]> {
    const known = new Map<string, Kinds[K]>()
    const { max } = resources[kind]
    const remove = (object: Named) => {
      if (known.delete(keyOf(object))) this.#remove(kind, object)
    }
    const put = (object: Kinds[K]) => {
      if (isOver(kind, object)) return remove(object)
      const key = keyOf(object)
      const before = known.get(key)
      if (!before && known.size >= max) this.cut++
      else if (!before || JSON.stringify(before) !== JSON.stringify(object)) {
        known.set(key, object)
        this.#put(kind, object)
      }
    }
    const replace = (objects: readonly Kinds[K][]) => {
      const now = new Set(objects.map(keyOf))
      for (const [key, object] of known) if (!now.has(key)) remove(object)
      for (const object of objects) put(object)
    }
    return { put, remove, replace }
  }

  /** All groups; from now on only what differs from them is a change. */
  all(): ServiceGroup[] {
    this.#dirty.clear()
    return [...this.#namespaces.values()].flatMap(namespace =>
      namespace.told.all(namespace.groups(this.#machines)),
    )
  }

  /** Groups that are not as they were told, whole. */
  changes(): ServiceGroup[] {
    const names = [...this.#dirty]
    this.#dirty.clear()
    return names.flatMap(name => {
      const namespace = this.#namespaces.get(name)
      if (!namespace) return []
      const changes = namespace.told.changes(namespace.groups(this.#machines))
      if (isEmpty(namespace)) this.#namespaces.delete(name)
      return changes
    })
  }

  /** The pods' addresses and the virtual ones: both mean the same on each node. */
  networks(): Network[] {
    const subnets = new Set([...this.#nodes.values()].flatMap(({ podSubnets }) => podSubnets))
    const shared = { driver: 'kubernetes', gateways: [], isShared: true }
    const pods = { id: podNetwork.network, name: podNetwork.networkName, ...shared }
    const services = { id: serviceNetwork.network, name: serviceNetwork.networkName, ...shared }
    return [
      { ...pods, subnets: [...subnets].sort().slice(0, subnetsMax) },
      { ...services, subnets: [] },
    ]
  }

  readonly #machines = {
    node: (name: string) => this.#nodes.get(name),
    isAddress: (ip: string) => {
      this.#addresses ??= new Set([...this.#nodes.values()].flatMap(({ addresses }) => addresses))
      return this.#addresses.has(ip)
    },
  }

  /** A node's change may show in any namespace. */
  #touch(kind: Kind, { namespace }: Named): void {
    this.#changed()
    if (kind !== 'nodes') {
      this.#dirty.add(namespace)
      return
    }
    this.#addresses = undefined
    for (const name of this.#namespaces.keys()) this.#dirty.add(name)
  }

  #put<K extends Kind>(kind: K, object: Kinds[K]): void {
    this.#touch(kind, object)
    if (kind === 'nodes') {
      this.#nodes.set(object.name, object as Node)
      return
    }
    const namespace = this.#namespaces.get(object.namespace) ?? new Namespace()
    this.#namespaces.set(object.namespace, namespace)
    for (const [map, key] of placesOf(namespace, kind, object)) map.set(key, object)
  }

  #remove(kind: Kind, object: Named): void {
    this.#touch(kind, object)
    if (kind === 'nodes') this.#nodes.delete(object.name)
    const namespace = this.#namespaces.get(object.namespace)
    if (!namespace) return
    for (const [map, key] of placesOf(namespace, kind, object)) map.delete(key)
  }
}

/** Where a namespace keeps an object; a Job is a workload and, for a CronJob's pods, a parent. */
function placesOf(
  namespace: Namespace,
  kind: Kind,
  object: Named,
): [Map<string, unknown>, string][] {
  const { name } = object
  const owned = `${(object as Parent).kind} ${name}`
  if (kind === 'pods') return [[namespace.pods, name]]
  if (kind === 'services') return [[namespace.services, name]]
  if (kind === 'endpointslices') return [[namespace.slices, name]]
  if (kind === 'replicasets') return [[namespace.parents, owned]]
  if (kind === 'nodes') return []
  const workload: [Map<string, unknown>, string] = [namespace.workloads, owned]
  return kind === 'jobs' ? [workload, [namespace.parents, owned]] : [workload]
}

/** A pod that is over holds nothing. */
function isOver(kind: Kind, object: Kinds[Kind]): boolean {
  return kind === 'pods' && (object as Kinds['pods']).isOver
}

function isEmpty({ pods, services, slices, parents, workloads }: Namespace): boolean {
  return [pods, services, slices, parents, workloads].every(({ size }) => size === 0)
}
