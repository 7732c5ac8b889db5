import type { Conversation } from './conversation.ts'
import type { Counting } from './counters.ts'
import { EarlySegments, type HeldBytes, type Stretch } from './early-segments.ts'
import type { Segment } from './segment.ts'
import { distance, windowBytesMax } from './sequence.ts'
import type { Stream } from './stream.ts'

/** So many packets in a row, all far from where the sequence stood, mean that it is elsewhere now. */
const straysMax = 8

/**
 * Brings the bytes of TCP streams in order. In-order segments are given on where they lie; early ones are copied until
 * the hole before them is filled or lost. A hole is lost when the other side acknowledged it (it got through, but was
 * not seen here), when it is older than `holdUs`, or when no more early bytes may be held.
 */
export class ByteOrder {
  readonly #counters: Counting
  readonly #held: HeldBytes
  readonly #holdUs: number

  constructor(counters: Counting, held: HeldBytes, holdUs: number) {
    this.#counters = counters
    this.#held = held
    this.#holdUs = holdUs
  }

  /** Takes a segment with payload or a FIN. */
  take(flow: Conversation, stream: Stream, segment: Segment): void {
    if (segment.lengthBytes > 0 && segment.isAck) this.#missAnswer(flow, stream, segment)
    if (!stream.isPlaced) stream.place(segment.seq)
    const ahead = distance(stream.next, segment.seq)
    if (!this.#isNear(flow, stream, segment, ahead)) return
    if (segment.isFin) noteFin(stream, segment)
    if (ahead > 0) this.#hold(flow, stream, segment)
    else if (ahead + segment.lengthBytes > 0) this.#takeNext(flow, stream, segment, -ahead)
    else this.#repeat(stream, segment, ahead)
    if (stream.early) this.settle(flow, stream, segment.timeUs)
    if (stream.isFinSeen && stream.next === stream.fin) stream.isFinished = true
  }

  /** Gives on what early segments now follow, or follow a lost hole. */
  settle(flow: Conversation, stream: Stream, nowUs: number): void {
    const { early } = stream
    if (!early) return
    if (nowUs - early.sinceUs > this.#holdUs) this.#giveUp(flow, stream, early)
    else this.#drain(flow, stream, early, nowUs)
  }

  /** Gives on all that is held; what is missing is lost, with what the other side acknowledged beyond it. */
  flush(flow: Conversation, stream: Stream, nowUs: number): void {
    if (stream.early) this.#giveUp(flow, stream, stream.early)
    const peer = flow.peerOf(stream)
    if (!stream.isPlaced || stream.isFinSeen || !peer.isAckSeen) return
    const unseen = distance(stream.next, peer.ack)
    if (isLoss(unseen)) this.#lose(flow, stream, unseen, nowUs)
  }

  /** Gives on what follows without a hole, or a hole that was acknowledged. It was whole only at `nowUs`. */
  #drain(flow: Conversation, stream: Stream, early: EarlySegments, nowUs: number): void {
    for (let first = early.first; first; first = early.first) {
      if (distance(stream.next, first.seq) > 0 && !isAcknowledged(flow, stream, first.seq)) return
      first.timeUs = nowUs
      this.#giveFirst(flow, stream, early, first)
    }
    const missing = stream.isFinSeen ? distance(stream.next, stream.fin) : 0
    if (missing > 0 && !isAcknowledged(flow, stream, stream.fin)) return
    this.#endEarly(flow, stream, missing, nowUs)
  }

  /** Gives on all early segments, as of when each came; the holes are lost. */
  #giveUp(flow: Conversation, stream: Stream, early: EarlySegments): void {
    let timeUs = early.sinceUs
    for (let first = early.first; first; first = early.first) {
      timeUs = Math.max(timeUs, first.timeUs)
      first.timeUs = timeUs
      this.#giveFirst(flow, stream, early, first)
    }
    const missing = stream.isFinSeen ? distance(stream.next, stream.fin) : 0
    this.#endEarly(flow, stream, missing, timeUs)
  }

  #giveFirst(flow: Conversation, stream: Stream, early: EarlySegments, first: Stretch): void {
    const ahead = distance(stream.next, first.seq)
    if (ahead > 0) this.#lose(flow, stream, ahead, first.timeUs)
    early.shift()
    this.#give(flow, stream, first, Math.max(0, -ahead))
  }

  #endEarly(flow: Conversation, stream: Stream, missing: number, timeUs: number): void {
    if (missing > 0) this.#lose(flow, stream, missing, timeUs)
    stream.early = undefined
    flow.holding--
    if (stream.isFinSeen) stream.isFinished = true
  }

  /**
   * Payload that acknowledges bytes of the other side which were never seen: they were lost before it. Told now, so that
   * the hole in a response is known before the next request. A bare acknowledgement is no such proof: it may overtake.
   */
  #missAnswer(flow: Conversation, stream: Stream, segment: Segment): void {
    const peer = flow.peerOf(stream)
    if (!peer.isPlaced || peer.isFinSeen) return
    if (peer.early) this.settle(flow, peer, segment.timeUs)
    const unseen = distance(peer.next, segment.ack)
    if (isLoss(unseen) && !peer.early) this.#lose(flow, peer, unseen, segment.timeUs)
  }

  /** Believes only what is within a window of where the sequence stands, and before the end. */
  #isNear(flow: Conversation, stream: Stream, segment: Segment, ahead: number): boolean {
    const isPast = stream.isFinSeen && distance(stream.fin, segment.seq) + segment.lengthBytes > 0
    if (!isPast && ahead > -windowBytesMax && ahead < windowBytesMax) {
      if (stream.strays > 0) stream.strays = 0
      return true
    }
    this.#counters.strays++
    if (isPast || ++stream.strays < straysMax) return false
    this.flush(flow, stream, segment.timeUs)
    this.#lose(flow, stream, distance(stream.next, segment.seq) >>> 0, segment.timeUs)
    stream.strays = 0
    return false
  }

  #takeNext(flow: Conversation, stream: Stream, segment: Segment, seenBytes: number): void {
    if (seenBytes > 0 && !(seenBytes === 1 && stream.isProbed)) this.#countRepeated(stream)
    else if (stream.early) this.#countLate(stream, stream.early, segment.timeUs)
    stream.isProbed = segment.lengthBytes === 1 && flow.peerOf(stream).isWindowClosed
    this.#give(flow, stream, segment, seenBytes)
  }

  /** All of it was given on before. One byte, or none, just before `next` only asks whether the other side lives. */
  #repeat(stream: Stream, segment: Segment, ahead: number): void {
    const isKeepAlive = ahead === -1 && segment.lengthBytes <= 1
    if (!isKeepAlive && segment.lengthBytes > 0) this.#countRepeated(stream)
  }

  #hold(flow: Conversation, stream: Stream, segment: Segment): void {
    const isRead = flow.reader !== undefined
    if (!stream.early) {
      stream.early = new EarlySegments(this.#held, segment.timeUs)
      flow.holding++
    }
    if (segment.lengthBytes === 0) return
    if (!stream.early.hasRoom(isRead ? segment.end - segment.start : 0)) {
      this.#overflow(flow, stream, stream.early, segment)
      return
    }
    const freshBytes = stream.early.insert(segment, isRead)
    if (freshBytes < segment.lengthBytes) this.#countRepeated(stream)
  }

  /** No room: what is missing is lost, so that this segment can be given on at once. */
  #overflow(flow: Conversation, stream: Stream, early: EarlySegments, segment: Segment): void {
    this.#counters.heldLimits++
    this.#giveUp(flow, stream, early)
    const ahead = distance(stream.next, segment.seq)
    if (ahead > 0) this.#lose(flow, stream, ahead, segment.timeUs)
    if (ahead + segment.lengthBytes > 0) this.#give(flow, stream, segment, Math.max(0, -ahead))
  }

  /** Gives on a stretch but its first `seenBytes`, which were given on before. */
  #give(flow: Conversation, stream: Stream, stretch: Stretch, seenBytes: number): void {
    const freshBytes = stretch.lengthBytes - seenBytes
    if (freshBytes <= 0) return
    stream.next = (stream.next + freshBytes) | 0
    stream.bytes += freshBytes
    const { reader } = flow
    if (!reader) return
    const { bytes, end, timeUs } = stretch
    const start = stretch.start + seenBytes
    if (start < end) reader.read(stream.side, bytes, start, end, timeUs)
    const cutBytes = Math.min(freshBytes, freshBytes - (end - start))
    if (cutBytes > 0) reader.gap(stream.side, cutBytes, timeUs)
  }

  #lose(flow: Conversation, stream: Stream, lengthBytes: number, timeUs: number): void {
    stream.next = (stream.next + lengthBytes) | 0
    stream.lostBytes += lengthBytes
    this.#counters.gaps++
    this.#counters.lostBytes += lengthBytes
    flow.reader?.gap(stream.side, lengthBytes, timeUs)
  }

  #countRepeated(stream: Stream): void {
    stream.retransmissions++
    this.#counters.retransmissions++
  }

  /** Fills a hole: overtaken on the way when it is soon after, sent again when it is later. */
  #countLate(stream: Stream, early: EarlySegments, timeUs: number): void {
    if (timeUs - early.sinceUs > overtakenUs) {
      this.#countRepeated(stream)
      return
    }
    stream.outOfOrder++
    this.#counters.outOfOrder++
  }
}

/** Packets that overtake each other do so within this time (as Wireshark has it); later ones were sent again. */
const overtakenUs = 3000

/** Acknowledged and never seen: bytes, but for a single one, which is most likely a FIN. */
const isLoss = (unseen: number): boolean => unseen > 1 && unseen < windowBytesMax

/** The other side has all before `seq`. */
function isAcknowledged(flow: Conversation, stream: Stream, seq: number): boolean {
  const peer = flow.peerOf(stream)
  return peer.isAckSeen && distance(seq, peer.ack) >= 0
}

/** The first FIN counts, unless bytes behind it were seen before. */
function noteFin(stream: Stream, segment: Segment): void {
  const fin = (segment.seq + segment.lengthBytes) | 0
  if (stream.isFinSeen || distance(stream.next, fin) < 0) return
  stream.isFinSeen = true
  stream.fin = fin
}
