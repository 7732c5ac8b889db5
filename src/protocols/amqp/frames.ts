import { ByteReader } from '#lib/byte-reader.ts'
import { uint16 } from '#lib/bytes.ts'
import { type Side, serverSide } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { argumentsMax } from './arguments.ts'
import { frameEnd, headBytes, payloadBytes, type Shape, shapeAt, types } from './frame.ts'
import { isPreamble, preambleBytes, versionAt } from './preamble.ts'
import type { Frame, Session } from './session.ts'

/** `A`, with which a protocol header begins and no frame does. */
const preambleStart = 0x41
/** Class, weight and length of the body. */
const headerBytes = 12

/** Longest frame that is believed where one was searched for. */
const searchedMax = 16 * 1024

/**
 * One side's frames (AMQP 0-9-1, 2.3): `type channel(2) length(4) payload 0xCE`. A payload that is not all there is
 * passed over as it comes, but for the part that is read.
 */
export class SideFrames implements Frames {
  readonly stream = new Stream(this)
  readonly #session: Session
  readonly #frame: Frame
  readonly #reader = new ByteReader()
  /** The payload of a frame has passed, its last byte has not. */
  #open = false
  /** Bytes are missing: the next frame must be seen whole before it is believed. */
  #searching = false
  #type = 0
  #payloadBytes = 0
  #bodyBytes = 0

  constructor(session: Session, side: Side) {
    this.#session = session
    this.#frame = { side, channel: 0, bytes: 0, startUs: 0, endUs: 0, gap: false }
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#open) return this.#close(bytes[start])
    if (this.#searching) {
      const kind = searched(bytes, start, end)
      if (kind !== 'whole') return kind === 'none' ? notMine : needMore
      this.#searching = false
    }
    if (bytes[start] === preambleStart) return this.#preamble(bytes, start, end)
    if (end - start < headBytes) return needMore
    const length = payloadBytes(bytes, start)
    if (length < 0) return notMine
    const here = end - start - headBytes
    this.#type = bytes[start]
    const needed = this.#neededBytes(length)
    if (here < needed) return needMore
    const isWhole = here > length
    if (isWhole && bytes[start + headBytes + length] !== frameEnd) return notMine
    this.#begin(uint16(bytes, start + 1), length)
    this.#read(bytes, start + headBytes, length)
    if (isWhole) {
      this.#end()
      return headBytes + length + 1
    }
    this.#open = true
    this.stream.skip(length - here)
    return headBytes + Math.min(here, length)
  }

  broken(): void {
    this.#open = false
    this.#searching = true
    this.stream.gapped = false
    this.#session.lose(this.#frame.side)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) if (searched(bytes, at, end) !== 'none') return at
    return -1
  }

  /** The byte behind a payload. */
  #close(byte: number): number {
    this.#open = false
    if (byte !== frameEnd) return notMine
    this.#end()
    return 1
  }

  /** Methods are read whole, unless they are long; it is in the end of a frame that an error shows. */
  #neededBytes(length: number): number {
    if (this.#type === types.header) return headerBytes
    if (this.#type !== types.method) return 0
    return length < argumentsMax ? length + 1 : argumentsMax
  }

  #begin(channel: number, length: number): void {
    const frame = this.#frame
    frame.channel = channel
    frame.bytes = headBytes + length + 1
    frame.startUs = this.stream.firstUs
    this.#payloadBytes = length
  }

  #read(bytes: Uint8Array, start: number, length: number): void {
    if (this.#type === types.header) {
      this.#bodyBytes = this.#reader.reset(bytes, start + 4, start + headerBytes).u64()
    } else if (this.#type === types.method) {
      this.#time()
      const reader = this.#reader.reset(bytes, start, start + Math.min(length, argumentsMax))
      this.#session.method(reader.u32(), reader, this.#frame)
    }
  }

  #end(): void {
    if (this.#type !== types.header && this.#type !== types.body) return
    this.#time()
    if (this.#type === types.header) this.#session.header(this.#bodyBytes, this.#frame)
    else this.#session.body(this.#payloadBytes, this.#frame)
  }

  #time(): void {
    this.#frame.endUs = this.stream.lastUs
    this.#frame.gap = this.stream.gapped
    this.stream.gapped = false
  }

  #preamble(bytes: Uint8Array, start: number, end: number): number {
    const isServer = this.#frame.side === serverSide
    if (end - start < preambleBytes) return needMore
    if (isServer && isPreamble(bytes, start, end)) {
      this.#begin(0, 0)
      this.#frame.bytes = preambleBytes
      this.#time()
      this.#session.refused(this.#frame)
      return preambleBytes
    }
    const version = versionAt(bytes, start, end)
    if (isServer || !version) return notMine
    this.#session.greeted(version)
    return preambleBytes
  }
}

function searched(bytes: Uint8Array, at: number, end: number): Shape['kind'] {
  const shape = shapeAt(bytes, at, end)
  return shape.bytes > searchedMax ? 'none' : shape.kind
}
