import { emptyHistogram, type Histogram, mergeHistograms } from '#lib/histogram.ts'
import { type Endpoint, format as formatEndpoint } from './endpoint.ts'
import type { Local, Transport } from './flow.ts'
import type { NamedAddress, Transaction } from './transaction.ts'

/** Transactions per outcome. */
export interface Counts {
  readonly ok: number
  readonly warning: number
  readonly error: number
}

/** Bytes, packets and connections, per direction where they have one. */
export interface Traffic {
  readonly requestBytes: number
  readonly responseBytes: number
  readonly packets: number
  readonly retransmissions: number
  readonly lostBytes: number
  readonly connections: number
  /** Connection attempts refused, unanswered, or connections reset in the middle of a transaction. */
  readonly failures: number
}

/** Which two endpoints, seen where: windows of one subject merge. */
export interface Subject {
  /** Network namespace of the observation: its inode as text, `''` in files. */
  readonly namespace: string
  readonly local: Local
  readonly transport: Transport
  /** A name of the `protocols/` list, or the transport's when the bytes were not recognised. */
  readonly protocol: string
  /** Port 0 unless the client's port is needed to find its owner. */
  readonly client: Endpoint
  readonly server: Endpoint
  /** Instances that own the sockets, where the agent could ask the node. */
  readonly clientOwner?: string
  readonly serverOwner?: string
}

/** A sampled transaction with the connection it ran on. */
export interface Sample extends Transaction {
  readonly clientPort: number
}

/** What happened between two endpoints in a short stretch of time. Windows merge. */
export interface Window {
  readonly subject: Subject
  readonly counts: Counts
  readonly traffic: Traffic
  readonly latency: Histogram
  /** Some of the transactions, errors and the slowest first in line; `counts` are exact. */
  readonly samples: readonly Sample[]
}

/** All windows of one node for one second, and the names of addresses that they taught. */
export interface WindowBatch {
  readonly startMs: number
  readonly windows: readonly Window[]
  readonly names: readonly NamedAddress[]
}

export const emptyCounts: Counts = { ok: 0, warning: 0, error: 0 }

export const emptyTraffic: Traffic = {
  requestBytes: 0,
  responseBytes: 0,
  packets: 0,
  retransmissions: 0,
  lostBytes: 0,
  connections: 0,
  failures: 0,
}

/** The neutral element of `merge` for a subject. */
export function emptyWindow(subject: Subject): Window {
  return {
    subject,
    counts: emptyCounts,
    traffic: emptyTraffic,
    latency: emptyHistogram,
    samples: [],
  }
}

export function mergeCounts(a: Counts, b: Counts): Counts {
  return { ok: a.ok + b.ok, warning: a.warning + b.warning, error: a.error + b.error }
}

export function mergeTraffic(a: Traffic, b: Traffic): Traffic {
  return {
    requestBytes: a.requestBytes + b.requestBytes,
    responseBytes: a.responseBytes + b.responseBytes,
    packets: a.packets + b.packets,
    retransmissions: a.retransmissions + b.retransmissions,
    lostBytes: a.lostBytes + b.lostBytes,
    connections: a.connections + b.connections,
    failures: a.failures + b.failures,
  }
}

/** Two windows of one subject as one; associative, commutative, `emptyWindow` is neutral. */
export function mergeWindows(a: Window, b: Window): Window {
  return {
    subject: a.subject,
    counts: mergeCounts(a.counts, b.counts),
    traffic: mergeTraffic(a.traffic, b.traffic),
    latency: mergeHistograms(a.latency, b.latency),
    samples: mergeSamples(a.samples, b.samples),
  }
}

/** Samples that a merged window keeps. */
const samplesMax = 100

/** Both, in order of time; of too many those that are not ok stay, then the slowest. */
function mergeSamples(a: readonly Sample[], b: readonly Sample[]): readonly Sample[] {
  const both = [...a, ...b]
  if (both.length > samplesMax) {
    both.sort((x, y) => weightOf(y) - weightOf(x))
    both.length = samplesMax
  }
  return both.sort((x, y) => x.startUs - y.startUs)
}

function weightOf({ outcome, durationUs = 0 }: Sample): number {
  return outcome === 'ok' ? durationUs : Number.MAX_SAFE_INTEGER
}

/** Equal for windows that merge. */
export function subjectKey(subject: Subject): string {
  const { namespace, local, transport, protocol, client, server } = subject
  const owners = `${subject.clientOwner ?? ''}>${subject.serverOwner ?? ''}`
  return `${namespace}|${local}|${transport}|${protocol}|${formatEndpoint(client)}>${formatEndpoint(server)}|${owners}`
}
