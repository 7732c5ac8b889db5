import type { Sent } from '#model/flow.ts'
import type { Side } from '#model/side.ts'
import type { EarlySegments } from './early-segments.ts'

/**
 * What one end of a flow sends: the counters that others see, and where its sequence stands. Sequence numbers are
 * 32-bit integers that wrap (RFC 9293 section 3.4): they are compared by `distance` only.
 */
export class Stream implements Sent {
  side: Side
  packets = 0
  bytes = 0
  retransmissions = 0
  outOfOrder = 0
  lostBytes = 0

  /** `next` holds: something said where this side's sequence stands. */
  isPlaced = false
  /** Sequence number of the next byte to be given on. */
  next = 0
  /** `first` holds: this side's SYN was seen. */
  isSynSeen = false
  /** Sequence number of the SYN. */
  first = 0
  isAckSeen = false
  /** The highest acknowledgement that this side sent: what the other side is known to have got through. */
  ack = 0
  /** This side's receive window is closed, so what the other sends is a probe. */
  isWindowClosed = false
  /** The last byte was given on from a window probe, so its repetition is no retransmission. */
  isProbed = false
  isFinSeen = false
  /** Sequence number of the FIN: where the stream ends. */
  fin = 0
  /** Everything up to the FIN was given on. */
  isFinished = false
  /** Successive packets too far from `next` to be believed. */
  strays = 0
  /** Segments beyond a hole; undefined, mostly, without one. */
  early: EarlySegments | undefined = undefined

  constructor(side: Side) {
    this.side = side
  }

  /** Says where the sequence stands. */
  place(next: number): void {
    this.isPlaced = true
    this.next = next
  }
}
