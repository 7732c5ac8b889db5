import type { Arranged } from '#model/arrangement.ts'
import type { AgentState, AttributionScore, Link } from '#model/graph.ts'
import type { Health, ServiceKind, ServiceRole } from '#model/service.ts'

/**
 * A service as the server tells it to the page; a `group` of services, where the page shows them as one; an `instance`,
 * where it shows a service's.
 */
export interface FeedService {
  readonly id: string
  readonly name: string
  readonly kind: ServiceKind | 'group' | 'instance'
  readonly role: ServiceRole
  readonly group: readonly string[]
  readonly instances: number
  readonly health: Health
  /** Whether the agents of its nodes report: all, some, or none of them. */
  readonly watched: 'wholly' | 'partly' | 'no'
  /** Nodes of it that do not: the first few. */
  readonly away: readonly string[]
  /** The node on which all of it runs, its cluster included; absent where there are several or none is known. */
  readonly node?: string | undefined
}

/** A link as the server tells it; `client` and `server` are indexes into the services. */
export interface FeedLink extends Omit<Link, 'client' | 'server'> {
  readonly client: number
  readonly server: number
}

/** Names of all services and links; the columns of frames of the same version follow the order of `links`. */
export interface Names {
  readonly version: number
  readonly services: readonly FeedService[]
  readonly links: readonly FeedLink[]
}

/** What agents and orchestrators say of themselves, and what was lost to limits. */
export interface Status {
  readonly atMs: number
  readonly attribution: AttributionScore
  readonly agents: readonly AgentState[]
  readonly orchestrators: readonly {
    readonly name: string
    readonly state: string
    readonly text: string
  }[]
  readonly droppedSamples: number
}

/** Places of the map that somebody has arranged; `by`: who has, as he calls himself. */
export interface Places {
  readonly places: readonly Arranged[]
  readonly by: string
}

/** One second of all links: rates per second, latencies in us (0: none), bytes per second. */
export interface Frame {
  readonly version: number
  readonly timeMs: number
  readonly ok: Float32Array
  readonly warning: Float32Array
  readonly error: Float32Array
  readonly p50Us: Float32Array
  readonly p99Us: Float32Array
  readonly bytes: Float32Array
}

/** Names with the indexes that the page needs at every step. */
export interface Topology extends Names {
  readonly serviceIndex: ReadonlyMap<string, number>
  readonly linkIndex: ReadonlyMap<string, number>
  /** Link indexes that end at a service, by service index. */
  readonly incoming: readonly (readonly number[])[]
  /** Link indexes that start at a service, by service index. */
  readonly outgoing: readonly (readonly number[])[]
}

/** Builds the indexes once per version of the names. Links to services that do not exist are left out of them. */
export function indexNames(names: Names): Topology {
  const incoming: number[][] = names.services.map(() => [])
  const outgoing: number[][] = names.services.map(() => [])
  names.links.forEach((link, index) => {
    outgoing[link.client]?.push(index)
    incoming[link.server]?.push(index)
  })
  return {
    ...names,
    serviceIndex: new Map(names.services.map((service, index) => [service.id, index])),
    linkIndex: new Map(names.links.map((link, index) => [link.id, index])),
    incoming,
    outgoing,
  }
}
