import { uint32 } from '#lib/bytes.ts'
import type { DecoderOptions } from '../protocol.ts'
import { carryMax, type Frames, needMore, notMine, Stream } from '../stream.ts'
import type { DynamicTable } from './dynamic-table.ts'
import { Fields } from './fields.ts'
import {
  acknowledged,
  endHeaders,
  endStream,
  Fragment,
  FrameHeader,
  frameHeaderBytes,
  frameTypes,
  mayBegin,
  preface,
  prefaceBegun,
  streamIdAt,
} from './frame.ts'

/** Bytes of a header block that comes in several frames. Of a longer one nothing is known. */
const blockMax = 64 * 1024
/** Length of such a one. */
const tooLong = Number.POSITIVE_INFINITY
/** Room for parts of a header block that is larger is given back. */
const partsKept = 4096
/** Usual frames after which unusual ones are believed too, where the beginning was not seen. */
const proofsMin = 4
/** What stands before each message of gRPC: whether it is compressed, and its length. */
const messageHeaderBytes = 5

/** A header block, in one frame or several. Used again for the next. */
export interface HeaderBlock {
  readonly fields: Fields
  /** The stream ends with it. */
  ended: boolean
  /** First byte. */
  startUs: number
  /** Bytes of its frames, with their headers. */
  bytes: number
}

/** Who hears of the frames of one side. `bytes`: of a frame, with its header. */
export interface Hearer {
  /** The fields of a request, of a response, or the trailers of either. */
  block(streamId: number, block: HeaderBlock): void
  /** The server will answer on that stream what nobody asked: a request with these fields. */
  promise(streamId: number, block: HeaderBlock): void
  data(streamId: number, ended: boolean, bytes: number, gap: boolean): void
  reset(streamId: number, code: number): void
  /** Streams with a larger number were not looked at, and will not be. */
  goAway(lastId: number, code: number): void
  /** Frames are missing. */
  lose(): void
}

/** Reads the frames of one side (RFC 9113, 4). Bodies are passed over, header blocks put together. */
export class FrameReader implements Frames {
  readonly stream = new Stream(this)
  /** Header blocks that were too long. */
  overflows = 0
  /** The data frame at hand begins like a message of gRPC, and ends with it. */
  isMessage = false

  readonly #asks: boolean
  readonly #hearer: Hearer
  readonly #header = new FrameHeader()
  readonly #fragment = new Fragment()
  /** Usual frames seen, up to `proofsMin`. */
  #proofs = 0
  /** Of the frame that is passed over, if it is data. */
  #dataId = 0
  #dataEnded = false
  #dataBytes = 0
  readonly #block: HeaderBlock
  /** Stream of the header block that continues in the next frame; 0: none does. */
  #blockId = 0
  #promisedId = 0
  /** What has come of it. */
  #parts = new Uint8Array(0)
  #partsLength = 0

  /** `asks`: of the client's side. */
  constructor(asks: boolean, options: DecoderOptions, hearer: Hearer) {
    this.#asks = asks
    this.#block = { fields: new Fields(asks, options), ended: false, startUs: 0, bytes: 0 }
    this.#hearer = hearer
  }

  /** What this side said before and refers to. */
  get table(): DynamicTable {
    return this.#block.fields.table
  }

  get heldBytes(): number {
    return this.stream.heldBytes + this.#parts.length + this.table.heldBytes
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const sure = this.#proofs === proofsMin
    if (this.#asks && !sure && bytes[start] === preface[0]) return this.#preface(bytes, start, end)
    if (end - start < frameHeaderBytes) {
      return sure || mayBegin(bytes, start, end) ? needMore : notMine
    }
    const header = this.#header
    header.read(bytes, start)
    if (!(sure ? header.isPossible : header.isUsual)) return notMine
    const { type, streamId } = header
    if (this.#blockId !== 0 && (type !== frameTypes.continuation || streamId !== this.#blockId)) {
      return notMine
    }
    const taken = isRead[type] ? this.#whole(bytes, start, end) : this.#part(bytes, start, end)
    if (taken > 0 && !sure) this.#prove(type === frameTypes.settings && !header.has(acknowledged))
    return taken
  }

  /** A frame has passed. */
  skipped(): void {
    if (this.#dataId === 0) return
    this.#hearer.data(this.#dataId, this.#dataEnded, this.#dataBytes, this.stream.gapped)
    this.stream.gapped = false
  }

  broken(): void {
    this.#proofs = 0
    this.#dropBlock()
    this.table.forget()
    this.stream.gapped = false
    this.#hearer.lose()
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      if (bytes[i] === 0) {
        if (!mayBegin(bytes, i, end)) continue
        if (end - i < frameHeaderBytes) return i
        this.#header.read(bytes, i)
        if (this.#header.isUsual) return i
      } else if (this.#asks && prefaceBegun(bytes, i, end) > 0) return i
    }
    return -1
  }

  #preface(bytes: Uint8Array, start: number, end: number): number {
    const begun = prefaceBegun(bytes, start, end)
    if (begun < 0) return notMine
    if (begun < preface.length) return needMore
    this.#proofs = proofsMin
    return begun
  }

  /** Settings come first: then the beginning is seen. */
  #prove(begins: boolean): void {
    this.#proofs = begins && this.stream.position === 0 ? proofsMin : this.#proofs + 1
  }

  /** A frame of which no more is read than its header; of the client's data, whether it is a message. */
  #part(bytes: Uint8Array, start: number, end: number): number {
    const { type, streamId, length } = this.#header
    if (type !== frameTypes.data) return this.#pass(0, end - start)
    if (this.#asks) {
      const payload = start + frameHeaderBytes
      const large = length >= messageHeaderBytes
      if (large && end - payload < messageHeaderBytes) return needMore
      const size = length - messageHeaderBytes
      this.isMessage = large && bytes[payload] <= 1 && uint32(bytes, payload + 1) === size
    }
    return this.#pass(streamId, end - start)
  }

  #pass(dataId: number, available: number): number {
    const { length } = this.#header
    const whole = frameHeaderBytes + length
    this.#dataId = dataId
    this.#dataEnded = this.#header.has(endStream)
    this.#dataBytes = whole
    if (available >= whole) {
      this.skipped()
      return whole
    }
    this.stream.skip(length)
    return frameHeaderBytes
  }

  #whole(bytes: Uint8Array, start: number, end: number): number {
    const { type, streamId, length } = this.#header
    const whole = frameHeaderBytes + length
    if (whole >= carryMax) return this.#passLong(end - start)
    if (end - start < whole) return needMore
    const payload = start + frameHeaderBytes
    switch (type) {
      case frameTypes.reset:
        this.#hearer.reset(streamId, uint32(bytes, payload))
        return whole
      case frameTypes.goAway:
        this.#hearer.goAway(streamIdAt(bytes, payload), uint32(bytes, payload + 4))
        return whole
      default:
        return this.#readFragment(bytes, payload) ? whole : notMine
    }
  }

  /** Longer than anybody's limit for what is in it. */
  #passLong(available: number): number {
    this.overflows++
    this.table.forget()
    this.#dropBlock()
    return this.#pass(0, available)
  }

  #readFragment(bytes: Uint8Array, payload: number): boolean {
    const header = this.#header
    const fragment = this.#fragment
    if (header.type === frameTypes.promise && this.#asks) return false
    if (!fragment.read(header, bytes, payload)) return false
    const continued = header.type === frameTypes.continuation
    // the frame in which it began was missed
    if (continued && this.#blockId === 0) return true
    if (!continued) this.#beginBlock()
    this.#block.bytes += frameHeaderBytes + header.length
    const ends = header.has(endHeaders)
    if (ends && !continued) return this.#endBlock(bytes, fragment.start, fragment.end)
    this.#append(bytes, fragment.start, fragment.end)
    if (!ends) return true
    const isBlock = this.#endBlock(this.#parts, 0, this.#partsLength)
    this.#dropBlock()
    return isBlock
  }

  #beginBlock(): void {
    const header = this.#header
    const block = this.#block
    block.startUs = this.stream.firstUs
    block.bytes = 0
    block.ended = header.type === frameTypes.headers && header.has(endStream)
    this.#promisedId = header.type === frameTypes.promise ? this.#fragment.promisedId : 0
    if (!header.has(endHeaders)) this.#blockId = header.streamId
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#partsLength + end - start
    if (length > blockMax) {
      this.#partsLength = tooLong
      return
    }
    if (length > this.#parts.length) {
      const larger = new Uint8Array(Math.min(blockMax, length * 2))
      larger.set(this.#parts.subarray(0, this.#partsLength))
      this.#parts = larger
    }
    this.#parts.set(bytes.subarray(start, end), this.#partsLength)
    this.#partsLength = length
  }

  /** The header block is all there. False: it is none. */
  #endBlock(bytes: Uint8Array, start: number, end: number): boolean {
    const { fields } = this.#block
    if (end === tooLong) {
      this.overflows++
      fields.forget()
    } else if (!fields.read(bytes, start, end)) return false
    if (this.#promisedId !== 0) this.#hearer.promise(this.#promisedId, this.#block)
    else this.#hearer.block(this.#header.streamId, this.#block)
    return true
  }

  #dropBlock(): void {
    this.#blockId = 0
    this.#partsLength = 0
    if (this.#parts.length > partsKept) this.#parts = new Uint8Array(0)
  }
}

/** Types of frames that are read whole; of others only the header is. */
const isRead: boolean[] = Array(256).fill(false)
const { headers, promise, continuation, reset, goAway } = frameTypes
for (const type of [headers, promise, continuation, reset, goAway]) isRead[type] = true
