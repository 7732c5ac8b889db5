/**
 * What a service is. `host`: a node's own sockets whose process could not be told. `internet`: whoever enters from
 * outside. `external`: an outside party with a name or an address.
 */
export type ServiceKind = 'compose' | 'container' | 'process' | 'host' | 'internet' | 'external'

/**
 * What a service is to those that call it: it answers people and programs (`web`), keeps things (`store`), hands them
 * on (`queue`), or none of these that we know of. Told by the protocols of its incoming links.
 */
export type ServiceRole = 'web' | 'store' | 'queue' | 'plain'

/** What people care about: a Compose service, a plain container, a host process, an outside party. */
export interface Service {
  /** Stable: `compose:shop:vote`, `container:web`, `process:sshd`, `internet`, `external:api.example.com`. */
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

export type InstanceState = 'running' | 'paused' | 'restarting' | 'exited'
export type Health = 'healthy' | 'unhealthy' | 'starting' | 'unknown'

/** One container or host process. */
export interface Instance {
  /** Stable for its life: `docker:<64 hex>`, `process:<pid>:<start ticks>`. */
  readonly id: string
  readonly name: string
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
}

/** A service and all its instances on one node, now. No instance: the service is gone from this node. */
export interface ServiceGroup {
  readonly service: Service
  readonly instances: readonly Instance[]
}

/** Whoever enters from outside. */
export const internet: Service = { id: 'internet', name: 'INTERNET', kind: 'internet', group: [] }
