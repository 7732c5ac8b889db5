import type { Endpoint } from './endpoint.ts'
import type { Side } from './side.ts'

export type Transport = 'tcp' | 'udp'

/** Which end of a flow lives in the namespace in which it was seen. */
export type Local = 'client' | 'server' | 'both' | 'unknown'

/**
 * How far a TCP connection has come. `attempted`: SYN seen, no answer yet. `midstream`: no handshake seen.
 * `refused`: RST to the SYN. `unanswered`: SYN never answered. UDP flows are `open`, then `ended`.
 */
export type FlowState =
  | 'attempted'
  | 'open'
  | 'midstream'
  | 'ended'
  | 'reset'
  | 'refused'
  | 'unanswered'

/** What one side sent. Bytes are payload of the transport; `lostBytes` were never seen (gaps). */
export interface Sent {
  packets: number
  bytes: number
  retransmissions: number
  outOfOrder: number
  lostBytes: number
}

/**
 * One transport conversation: two endpoints, both directions.
 * Counters grow while it lives; `sent` is indexed by Side.
 */
export interface Flow {
  readonly id: number
  readonly transport: Transport
  readonly namespace: number
  readonly client: Endpoint
  readonly server: Endpoint
  readonly local: Local
  readonly state: FlowState
  readonly startUs: number
  readonly lastUs: number
  /** SYN to SYN-ACK as seen here, in microseconds; undefined without a handshake. */
  readonly connectUs: number | undefined
  readonly sent: readonly [Readonly<Sent>, Readonly<Sent>]
  /** Protocol recognised on it; undefined while unknown. Set by who decodes it. */
  protocol: string | undefined
}

/** Why a flow is over. */
export type FlowEnd = 'ended' | 'reset' | 'refused' | 'unanswered' | 'idle' | 'evicted'

/**
 * Gets the bytes of one flow, in order, per side. `bytes[start, end)` is valid only during the call.
 * For UDP each call is one datagram.
 */
export interface FlowReader {
  /** `lengthBytes` of the datagram on the wire may exceed `end - start` for UDP cut by the snapshot length. */
  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void
  /** `lengthBytes` of this side were lost here; what follows comes after the hole. */
  gap(side: Side, lengthBytes: number, timeUs: number): void
  close(end: FlowEnd, timeUs: number): void
}
