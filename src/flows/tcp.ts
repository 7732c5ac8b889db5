import type { FlowEnd } from '#model/flow.ts'
import { clientSide, serverSide } from '#model/side.ts'
import type { ByteOrder } from './byte-order.ts'
import type { Beginning, Conversation } from './conversation.ts'
import type { Counting } from './counters.ts'
import type { Segment } from './segment.ts'
import { distance, windowBytesMax } from './sequence.ts'
import type { Stream } from './stream.ts'

const bySyn: Beginning = { state: 'attempted', isFromClient: true, isCertain: true }
const bySynAck: Beginning = { state: 'attempted', isFromClient: false, isCertain: true }
const byClient: Beginning = { state: 'midstream', isFromClient: true, isCertain: false }
const byServer: Beginning = { state: 'midstream', isFromClient: false, isCertain: false }

/** The beginning that a segment makes; undefined for a RST, which of an unknown flow tells nothing. */
export function beginning(segment: Segment): Beginning | undefined {
  if (segment.isRst) return undefined
  if (segment.isSyn) return segment.isAck ? bySynAck : bySyn
  return segment.ports >>> 16 < (segment.ports & 0xffff) ? byServer : byClient
}

/**
 * Whether a SYN begins another connection on the same endpoints: one with a sequence number of its own, but for the
 * answer to an attempt, also from several servers behind one address, and for both ends calling at once.
 */
export function beginsAnew(flow: Conversation, stream: Stream, segment: Segment): boolean {
  if (stream.isSynSeen && stream.first === synOf(segment)) return false
  if (flow.end !== undefined) return true
  if (answersSyn(flow.peerOf(stream), segment)) return false
  return stream.isSynSeen || flow.state !== 'attempted' || stream.side === clientSide
}

/** Takes the segments of connections: their states, and through `ByteOrder` their bytes. RFC 9293. */
export class Tcp {
  readonly #counters: Counting
  readonly #order: ByteOrder

  constructor(counters: Counting, order: ByteOrder) {
    this.#counters = counters
    this.#order = order
  }

  /** Takes a segment that `stream` sent. Answers why the flow is over, when it is now. */
  take(flow: Conversation, stream: Stream, segment: Segment): FlowEnd | undefined {
    stream.packets++
    if (flow.end !== undefined) return undefined
    if (segment.isRst) return this.#reset(flow, stream, segment)
    if (segment.isSyn) this.#synchronise(flow, stream, segment)
    else if (flow.state === 'attempted') answer(flow, stream, segment)
    if (segment.isAck) acknowledge(stream, segment)
    if (segment.lengthBytes > 0 || segment.isFin) this.#takeBytes(flow, stream, segment)
    if (flow.holding > 0) {
      this.#order.settle(flow, flow.low, segment.timeUs)
      this.#order.settle(flow, flow.high, segment.timeUs)
    }
    return flow.low.isFinished && flow.high.isFinished ? 'ended' : undefined
  }

  #takeBytes(flow: Conversation, stream: Stream, segment: Segment): void {
    const cutBytes = segment.lengthBytes - (segment.end - segment.start)
    if (cutBytes > 0) this.#counters.cutBytes += cutBytes
    this.#order.take(flow, stream, segment)
  }

  #synchronise(flow: Conversation, stream: Stream, segment: Segment): void {
    const isSettled = stream.first === synOf(segment) || flow.peerOf(stream).isAckSeen
    if (stream.isSynSeen && isSettled) {
      stream.retransmissions++
      this.#counters.retransmissions++
      return
    }
    stream.isSynSeen = true
    stream.first = synOf(segment)
    stream.place(segment.seq)
    if (stream.side === clientSide) return
    const client = flow.peerOf(stream)
    if (client.isSynSeen) flow.connectUs = segment.timeUs - flow.startUs
    else if (segment.isAck) client.place(segment.ack)
    flow.state = 'open'
  }

  /** A reset counts when it is of this connection; in answer to a SYN it refuses. */
  #reset(flow: Conversation, stream: Stream, segment: Segment): FlowEnd | undefined {
    if (flow.state === 'attempted') {
      if (stream.side === clientSide) return 'unanswered'
      if (answersSyn(flow.peerOf(stream), segment)) return 'refused'
    } else if (!stream.isPlaced || isNear(stream, segment)) return 'reset'
    this.#counters.strays++
    return undefined
  }
}

const isNear = (stream: Stream, { seq }: Segment): boolean =>
  Math.abs(distance(stream.next, seq)) < windowBytesMax

/** It acknowledges the SYN of this client, with what bytes came along (RFC 9293 section 3.10.7.3). */
function answersSyn(client: Stream, segment: Segment): boolean {
  if (!segment.isAck || !client.isSynSeen) return false
  const acknowledged = distance(client.first, segment.ack)
  return acknowledged > 0 && acknowledged <= distance(client.first, client.next)
}

/** The sequence number that the SYN itself takes. */
const synOf = (segment: Segment): number => (segment.seq - 1) | 0

/** The attempt went through although its answer was not seen: the client goes on, or the server sends. */
function answer(flow: Conversation, stream: Stream, segment: Segment): void {
  if (stream.side === serverSide) {
    if (segment.lengthBytes > 0) flow.state = 'open'
    return
  }
  if (!segment.isAck) return
  flow.state = 'open'
  const server = flow.peerOf(stream)
  if (!server.isPlaced) server.place(segment.ack)
}

function acknowledge(stream: Stream, segment: Segment): void {
  stream.isWindowClosed = segment.window === 0
  if (!stream.isAckSeen) {
    stream.isAckSeen = true
    stream.ack = segment.ack
  } else if (distance(stream.ack, segment.ack) > 0) stream.ack = segment.ack
}
