/**
 * What a service is. `host`: a node's own sockets whose process could not be told. `internet`: whoever enters from
 * outside. `external`: an outside party with a name or an address.
 */
export const serviceKinds = [
  'compose',
  'swarm',
  'marathon',
  'mesos',
  'kubernetes',
  'container',
  'process',
  'host',
  'internet',
  'external',
] as const
export type ServiceKind = (typeof serviceKinds)[number]

/**
 * What a service is to those that call it: it answers people and programs (`web`), keeps things (`store`), hands them
 * on (`queue`), or none of these that we know of. Told by the protocols of its incoming links.
 */
export type ServiceRole = 'web' | 'store' | 'queue' | 'plain'

/** What people care about: a Compose or Swarm service, a Marathon app, a plain container, a host process, an outside party. */
export interface Service {
  /**
   * Stable, and the same whoever tells of it: `compose:shop:vote`, `swarm:shop_vote`, `marathon:/shop/vote`,
   * `kubernetes:shop:deployment:vote`, `container:web`, `process:sshd`, `internet`, `external:api.example.com`.
   */
  readonly id: string
  readonly name: string
  readonly kind: ServiceKind
  /** The path one can zoom into, outermost first: `['shop']`. */
  readonly group: readonly string[]
}

/** An address that an instance owns. `network` scopes it: the same address may exist in two networks. */
export interface Address {
  readonly ip: string
  /** Docker network id, `'host'`, or a macvlan's parent: whatever the orchestrator calls the realm of the address. */
  readonly network: string
  readonly networkName?: string
}

/** A port of the node that leads to a port of the instance. `ip` is `0.0.0.0`, `::` or one address of the node. */
export interface PublishedPort {
  readonly ip: string
  readonly port: number
  readonly targetPort: number
  readonly transport: 'tcp' | 'udp'
}

export interface Mount {
  readonly source: string
  readonly target: string
  readonly writable: boolean
}

/**
 * `starting`: it is meant to run and does not yet. `unreachable`: its node cannot be asked; it may well run, and holds what
 * it held.
 */
export const instanceStates = [
  'starting',
  'running',
  'paused',
  'restarting',
  'unreachable',
  'exited',
] as const
export type InstanceState = (typeof instanceStates)[number]
export type Health = 'healthy' | 'unhealthy' | 'starting' | 'unknown'

/** What an instance takes of its machine, on average over the last minute or so. */
export interface Usage {
  /** Processors kept busy, and how many it may keep busy. */
  readonly cpus?: number
  readonly cpusMax?: number
  readonly memoryBytes?: number
  readonly memoryBytesMax?: number
}

/** What an instance takes, by its id. */
export interface InstanceUsage extends Usage {
  readonly id: string
}

/** One container or host process. */
export interface Instance {
  /** Stable for its life: `docker:<64 hex>`, `process:<pid>:<start ticks>`, `marathon:<task id>`. */
  readonly id: string
  readonly name: string
  /**
   * The task it runs, as its orchestrator calls it: Swarm's task id, Mesos' task id, the pod's uid. A node's engine and
   * the orchestrator tell of the same task, each what it knows.
   */
  readonly task?: string
  /** Name or address of the machine it runs on, where another than that machine's agent tells of it. */
  readonly node?: string
  /** The containers it consists of, as its node finds them in control groups: `docker:<64 hex>`, `mesos:<id>`. */
  readonly containers?: readonly string[]
  readonly state: InstanceState
  readonly health: Health
  readonly restarts: number
  readonly sinceMs: number
  readonly pid?: number
  /** Inode of its network namespace, as text: what its packets were seen in. */
  readonly namespace?: string
  readonly image?: string
  readonly addresses: readonly Address[]
  readonly published: readonly PublishedPort[]
  readonly mounts: readonly Mount[]
  readonly labels: Readonly<Record<string, string>>
  /** Names of what stands in its environment, in order; the values never leave its node. */
  readonly environment?: readonly string[]
  /** Where its orchestrator or its node measures it. */
  readonly usage?: Usage
}

/** Its orchestrator and its node's engine each call an instance something else; the task is the same. */
export const instanceKey = ({ task, id }: Pick<Instance, 'task' | 'id'>): string => task ?? id

/** An address that leads to any instance of a service: Swarm's and Kubernetes' virtual addresses. */
export interface VirtualAddress extends Address {
  /** Which ports lead where; without them each leads to the same port. */
  readonly ports?: readonly Omit<PublishedPort, 'ip'>[]
}

/**
 * A service and all its instances, now, as one source knows them: a node's engine those of the node, an orchestrator those
 * of the cluster. No instance, nothing desired and nothing that leads to it: the service is gone there.
 */
export interface ServiceGroup {
  readonly service: Service
  /**
   * The cluster of which all is told, where several may tell of the same: the newest counts. `version` grows with each
   * change of the cluster.
   */
  readonly cluster?: { readonly id: string; readonly version: number }
  readonly instances: readonly Instance[]
  readonly virtual?: readonly VirtualAddress[]
  /** Ports of every node that lead to any instance: Swarm's ingress, Kubernetes' NodePorts, Marathon's service ports. */
  readonly nodePorts?: readonly PublishedPort[]
  /** Instances that its orchestrator means to run. */
  readonly desired?: number
  /** What its orchestrator does with it at present, as a sentence: `rolling update, 1 of 3`. */
  readonly doing?: string
}

/** Nothing runs, nothing is meant to, nothing leads to it: where it was told of so, the service is gone. */
export function isGone(group: ServiceGroup): boolean {
  const { instances, virtual = [], nodePorts = [], desired = 0 } = group
  return instances.length === 0 && virtual.length === 0 && nodePorts.length === 0 && desired === 0
}

/** Whoever enters from outside. */
export const internet: Service = { id: 'internet', name: 'INTERNET', kind: 'internet', group: [] }

/** The sockets of a machine whose process could not be told. */
export const hostService = (node: string): Service => ({
  ...{ id: `host:${node}`, name: node, kind: 'host', group: [] },
})

/**
 * What several tell of one service, as one. Two instances of one task are one: its node's engine knows what it is, its
 * orchestrator how it is meant to be.
 */
export function uniteGroups(groups: readonly ServiceGroup[]): ServiceGroup {
  if (groups.length === 1) return groups[0]
  const instances = new Map<string, Instance>()
  for (const instance of groups.flatMap(group => group.instances)) {
    const key = instanceKey(instance)
    const other = instances.get(key)
    instances.set(key, other ? uniteInstances(other, instance) : instance)
  }
  const desired = groups.find(group => group.desired !== undefined)?.desired
  const doing = groups.find(group => group.doing !== undefined)?.doing
  return {
    service: groups[0].service,
    instances: [...instances.values()],
    virtual: groups.flatMap(group => group.virtual ?? []),
    nodePorts: groups.flatMap(group => group.nodePorts ?? []),
    ...(desired === undefined ? {} : { desired }),
    ...(doing === undefined ? {} : { doing }),
  }
}

function uniteInstances(a: Instance, b: Instance): Instance {
  const [seen, told] = a.node === undefined ? [a, b] : [b, a]
  const health = seen.health === 'unknown' ? told.health : seen.health
  const node = seen.node ?? told.node
  return { ...told, ...seen, health, ...(node === undefined ? {} : { node }) }
}
