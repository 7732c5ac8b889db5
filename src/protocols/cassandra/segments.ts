import { unlz4 } from '#lib/lz4.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { compressedHeaderBytes, crc32Bytes, isIntact, SegmentHeader } from './segment.ts'

/** Longest segment that waits until it is whole, as its checksum asks; longer ones are read as they come. */
const wholeMax = 48 * 1024
/** Payload that is lost when nobody knows how much: more than any envelope has. */
const manyBytes = 2 ** 30

/** Reads the segments of a side, and gives what is in them to the stream of its envelopes. */
export class Segments implements Frames {
  readonly stream = new Stream(this)
  readonly #header = new SegmentHeader()
  readonly #payload: Stream
  /** Header bytes of this side's segments: plain or compressed, which the connection agreed upon. */
  #headerBytes = 0
  /** Of a long one: payload that is still to come, and the offset behind its checksum. */
  #left = 0
  #endOffset = 0

  constructor(payload: Stream) {
    this.#payload = payload
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#left > 0) return this.#goOn(bytes, start, end)
    if (end - start < compressedHeaderBytes) return needMore
    if (!this.#begins(bytes, start, end)) return notMine
    const { headerBytes, length, inflatedLength } = this.#header
    const whole = headerBytes + length + crc32Bytes
    const isShort = whole <= wholeMax
    if (isShort && end - start < whole) return needMore
    this.stream.gapped = false
    if (isShort) return this.#take(bytes, start + headerBytes) ? whole : notMine
    this.#endOffset = this.stream.position + whole
    if (inflatedLength > 0) {
      // too long to be carried: what is in it is not known
      this.#payload.gap(inflatedLength, this.stream.lastUs)
      this.stream.skip(whole - headerBytes)
      return headerBytes
    }
    this.#left = length
    return headerBytes
  }

  /** Where a segment lost bytes of its own, the next one begins where it ends. */
  broken(lost: boolean): void {
    const rest = this.#endOffset - this.stream.position
    const isWithin = lost && this.#left > 0 && rest >= 0
    this.#payload.gap(isWithin ? this.#left : manyBytes, this.stream.lastUs)
    this.#left = 0
    if (isWithin) this.stream.skip(rest)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      if (end - at < compressedHeaderBytes || this.#begins(bytes, at, end)) return at
    }
    return -1
  }

  #begins(bytes: Uint8Array, at: number, end: number): boolean {
    if (this.#headerBytes !== 0) return this.#header.read(this.#headerBytes, bytes, at)
    if (!this.#header.find(bytes, at, end)) return false
    this.#headerBytes = this.#header.headerBytes
    return true
  }

  /** A payload that is all here. False: its checksum is not right. */
  #take(bytes: Uint8Array, start: number): boolean {
    const { length, inflatedLength } = this.#header
    const end = start + length
    if (!isIntact(bytes, start, end)) return false
    const { lastUs } = this.stream
    if (inflatedLength === 0) {
      this.#payload.read(bytes, start, end, lastUs)
      return true
    }
    const inflated = unlz4(bytes.subarray(start, end), inflatedLength)
    if (inflated) this.#payload.read(inflated, 0, inflatedLength, lastUs)
    else this.#payload.gap(inflatedLength, lastUs)
    return true
  }

  /** More of a long payload, then its checksum. */
  #goOn(bytes: Uint8Array, start: number, end: number): number {
    const past = Math.min(end, start + this.#left)
    this.#payload.read(bytes, start, past, this.stream.lastUs)
    this.#left -= past - start
    if (this.#left === 0) this.stream.skip(crc32Bytes)
    return past - start
  }
}
