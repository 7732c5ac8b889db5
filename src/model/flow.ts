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

/**
 * What one side sent. `bytes` is payload of the transport, each byte once: retransmitted bytes are not counted again,
 * bytes that only the snapshot length cut are. `lostBytes` were sent, as the sequence shows, and never seen (gaps).
 */
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

/** A flow as it is handed to the reader of its bytes, who may know better who asks and who answers. */
export interface OpenFlow extends Flow {
  /**
   * Client and server change roles, with all that was counted: for flows joined in midstream and UDP, where ports only
   * hint at the roles. The reader calls it before it tells anything, also from within `read`; `read` and `gap` use the
   * new sides from then on. Answers false, and changes nothing, when a handshake proved the roles.
   */
  swap(): boolean
}

/** Why a flow is over. */
export type FlowEnd = 'ended' | 'reset' | 'refused' | 'unanswered' | 'idle' | 'evicted'

/**
 * Gets the bytes of one flow, in order, per side. `bytes[start, end)` is valid only during the call.
 * For UDP each call is one datagram.
 */
export interface FlowReader {
  /** The next bytes of a side. What the snapshot length cut off them follows as a `gap`, for UDP too. */
  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void
  /** `lengthBytes` of this side were lost here; what follows comes after the hole. */
  gap(side: Side, lengthBytes: number, timeUs: number): void
  /** Called once, last. */
  close(end: FlowEnd, timeUs: number): void
}
