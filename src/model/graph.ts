import { type Histogram, quantileUs } from '#lib/histogram.ts'
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
  /** What it has yet to tell of the time when the server could not be told, and what that weighs. */
  readonly backlogSeconds: number
  readonly backlogBytes: number
  /** Seconds, and windows in them, that it had to drop before any server had them. */
  readonly droppedSeconds: number
  readonly droppedWindows: number
  /** The server's clock minus its own, and how long a question takes there and back; once measured. */
  readonly clockOffsetMs?: number
  readonly roundTripMs?: number
  /** One sentence each: what is missing, in the operator's words. */
  readonly notices: readonly string[]
  /** Processors and memory of its machine. */
  readonly cpus?: number
  readonly memoryBytes?: number
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
export interface LogLine extends Omit<Sample, 'names' | 'serverName'> {
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

/** A link's figures as people read them. */
export interface LinkFigures {
  readonly requestsPerSecond: number
  /** Shares of all transactions, 0 to 1. */
  readonly errorShare: number
  readonly warningShare: number
  readonly p50Us: number | undefined
  readonly p90Us: number | undefined
  readonly p99Us: number | undefined
  /** Both directions. */
  readonly bytesPerSecond: number
}

/** The figures of what happened on a link within `windowMs`. */
export function figuresOf({ counts, traffic, latency }: LinkWindow, windowMs: number): LinkFigures {
  const seconds = windowMs / 1000
  const total = counts.ok + counts.warning + counts.error
  return {
    requestsPerSecond: total / seconds,
    errorShare: total === 0 ? 0 : counts.error / total,
    warningShare: total === 0 ? 0 : counts.warning / total,
    p50Us: quantileUs(latency, 0.5),
    p90Us: quantileUs(latency, 0.9),
    p99Us: quantileUs(latency, 0.99),
    bytesPerSecond: (traffic.requestBytes + traffic.responseBytes) / seconds,
  }
}
