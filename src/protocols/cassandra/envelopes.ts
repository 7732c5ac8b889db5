import type { Side } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { inflate, inflatesUpTo } from './compressed.ts'
import { isEnvelope, mayBeEnvelope } from './detect.ts'
import { Header, headerBytesMax, segmentedVersion } from './envelope.ts'
import { SegmentHeader } from './segment.ts'
import { Segments } from './segments.ts'

/** What reads the envelopes of a side. */
export interface Reader {
  /** A header was read: how much of the body is to be seen; 0: nothing. */
  needs(header: Header): number
  /** A body, as much of it as was wanted, or all of it. Undefined: it is compressed, and stays so. */
  read(header: Header, startUs: number, body: Body | undefined): void
  /** The envelope is complete. */
  end(header: Header, startUs: number, endUs: number, gap: boolean): void
  /** Bytes were lost, or were no envelope; of the one with `header` the end is missing. */
  broken(header: Header | undefined, startUs: number, lost: boolean): void
}

/** `bytes[start, end)`, valid only during the call. */
export interface Body {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** Reads the envelopes of a side: as they are, or, since version 5, out of segments. */
export class Envelopes implements Frames {
  readonly stream = new Stream(this)

  readonly #side: Side
  readonly #reader: Reader
  readonly #header = new Header()
  readonly #segment = new SegmentHeader()
  /** Set when its bytes are segments, in which are the envelopes. */
  #segments: Segments | undefined
  #inner: Envelopes | undefined
  /** The stream of the segments in which these are. */
  #outer: Stream | undefined
  /** No segments follow: these are in them, or older. */
  #isPlain = false
  /** A header was read; its body, up to here in the stream, was not. */
  #isOpen = false
  #needed = 0
  #startUs = 0
  #endOffset = 0

  constructor(side: Side, reader: Reader) {
    this.#side = side
    this.#reader = reader
  }

  get heldBytes(): number {
    const inner = this.#inner ? this.#inner.stream.heldBytes : 0
    return this.#source.heldBytes + inner
  }

  /** When the last byte came. */
  get lastUs(): number {
    return this.#source.lastUs
  }

  get hopeless(): boolean {
    return this.#source.hopeless || (this.#inner?.stream.hopeless ?? false)
  }

  read(bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#source.read(bytes, start, end, timeUs)
  }

  gap(lengthBytes: number, timeUs: number): void {
    this.#source.gap(lengthBytes, timeUs)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    return this.#isOpen ? this.#body(bytes, start, end) : this.#head(bytes, start, end)
  }

  skipped(): void {
    if (this.#isOpen) this.#end()
  }

  broken(lost: boolean): void {
    const isOpen = this.#isOpen
    this.#isOpen = false
    this.#reader.broken(isOpen ? this.#header : undefined, this.#startUs, lost)
    // the length of an envelope that lost some of its bytes still says where the next one begins
    if (isOpen && lost) this.stream.skip(this.#endOffset - this.stream.position)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    // where a piece begins, most likely an envelope begins
    if (mayBeEnvelope(this.#side, bytes, start, end)) return start
    for (let at = start; at < end; at++) {
      if (!this.#isPlain && this.#segment.find(bytes, at, end)) return at
      if (isEnvelope(this.#side, bytes, at, end)) return at
    }
    return -1
  }

  /** What the bytes of this side are. */
  get #source(): Stream {
    return this.#segments?.stream ?? this.stream
  }

  #head(bytes: Uint8Array, start: number, end: number): number {
    const mayBeSegment = !this.#isPlain
    if (mayBeSegment && end - start < headerBytesMax && !this.#isOld(bytes[start])) return needMore
    if (mayBeSegment && this.#segment.find(bytes, start, end))
      return this.#unpack(bytes, start, end)
    const header = this.#header
    const headerBytes = header.read(this.#side, bytes, start, end)
    if (headerBytes <= 0) return headerBytes === 0 ? needMore : notMine
    this.#begin(headerBytes)
    const { length } = header
    if (length === 0 || (header.isCompressed && length > inflatesUpTo)) {
      this.#read(length === 0 ? { bytes, start: end, end } : undefined)
    } else if (this.#needed > 0) return headerBytes
    if (length === 0) this.#end()
    this.stream.skip(length)
    return headerBytes
  }

  #begin(headerBytes: number): void {
    const header = this.#header
    if (header.version < segmentedVersion) this.#isPlain = true
    this.#startUs = this.#outer?.firstUs ?? this.stream.firstUs
    this.#endOffset = this.stream.position + headerBytes + header.length
    this.#needed = Math.min(header.length, this.#reader.needs(header))
    this.#isOpen = true
    this.stream.gapped = false
  }

  #body(bytes: Uint8Array, start: number, end: number): number {
    const { length, isCompressed } = this.#header
    const needed = isCompressed ? length : this.#needed
    if (end - start < needed) return needMore
    if (isCompressed) this.#read(inflated(bytes, start, start + length))
    else this.#read({ bytes, start, end: start + needed })
    if (needed === length) this.#end()
    else this.stream.skip(length - needed)
    return needed
  }

  #read(body: Body | undefined): void {
    this.#reader.read(this.#header, this.#startUs, body)
  }

  #end(): void {
    this.#isOpen = false
    const { lastUs, gapped } = this.stream
    this.stream.gapped = false
    this.#reader.end(this.#header, this.#startUs, lastUs, gapped)
  }

  /** Versions 1 and 2: their headers are shorter than what a segment is recognised by. */
  #isOld(byte: number): boolean {
    const version = byte & 0x7f
    return version === 1 || version === 2
  }

  /** From here on they are in segments. */
  #unpack(bytes: Uint8Array, start: number, end: number): number {
    this.#inner = new Envelopes(this.#side, this.#reader)
    this.#inner.#isPlain = true
    this.#segments = new Segments(this.#inner.stream)
    this.#inner.#outer = this.#segments.stream
    this.#segments.stream.read(bytes, start, end, this.stream.lastUs)
    return end - start
  }
}

function inflated(bytes: Uint8Array, start: number, end: number): Body | undefined {
  const body = inflate(bytes.subarray(start, end))
  return body && { bytes: body, start: 0, end: body.length }
}
