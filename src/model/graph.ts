import type { Histogram } from '#lib/histogram.ts'
import type { Instance, Service } from './service.ts'
import type { Counts, Sample, Traffic } from './window.ts'

/** The observed client -> server relation of two services, per protocol. */
export interface Link {
  /** Stable: a hash of client, server and protocol. */
  readonly id: string
  readonly client: string
  readonly server: string
  readonly protocol: string
}

/** What happened on a link in a stretch of time. */
export interface LinkWindow {
  readonly link: Link
  readonly counts: Counts
  readonly traffic: Traffic
  readonly latency: Histogram
}

/** Share of transactions with both services known. 1 when there were none. */
export interface AttributionScore {
  readonly score: number
  readonly known: number
  readonly total: number
}

/** What a node's agent says of itself. Counters are since its start. */
export interface AgentReport {
  readonly node: string
  readonly version: string
  readonly namespaces: number
  readonly packets: number
  readonly drops: number
  readonly flows: number
  readonly evictedFlows: number
  readonly droppedSamples: number
  /** Windows folded into one because a second had too many endpoints. */
  readonly foldedWindows: number
  readonly cpuShare: number
  readonly residentBytes: number
  /** One sentence each: what is missing, in the operator's words. */
  readonly notices: readonly string[]
}

export interface AgentState extends AgentReport {
  readonly connected: boolean
  readonly lastMs: number
}

export interface GraphService extends Service {
  readonly instances: number
  /** The worst health of its instances. */
  readonly health: Instance['health']
  /** When it was last seen in traffic or told by an orchestrator. */
  readonly lastMs: number
}

export interface GraphLink extends LinkWindow {
  readonly lastMs: number
}

/** Services and links over a window that ends at `atMs`. */
export interface Graph {
  readonly atMs: number
  readonly windowMs: number
  readonly services: readonly GraphService[]
  readonly links: readonly GraphLink[]
  readonly attribution: AttributionScore
}

/** A line of a link's access log: a sampled transaction with both ends named. */
export interface LogLine extends Omit<Sample, 'names'> {
  readonly link: string
  /** Rises with each line; what `since` of a following reader refers to. */
  readonly sequence: number
  readonly client: LogEnd
  readonly server: LogEnd
}

export interface LogEnd {
  readonly ip: string
  readonly port: number
  readonly service: string
  /** Name of the container or process, where known. */
  readonly instance?: string
}
