import { int32, uint32 } from '#lib/bytes.ts'
import type { Transport } from '#model/flow.ts'
import { needMore, notMine } from '../stream.ts'
import { varint, varintBytes } from './varint.ts'

/*
 * What every message begins with (https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md and
 * thrift-compact-protocol.md):
 *
 *     binary    80 01 | any | type | length of name, 4 | name | sequence id, 4
 *     older     length of name, 4 | name | type | sequence id, 4
 *     compact   82 | type, 3 bits, version 1, 5 bits | sequence id, varint | length of name, varint | name
 *
 * Framed transport (thrift-rpc.md) puts the length of the whole message before it, 4 bytes.
 */
const binaryMark = 0x80
const compactMark = 0x82
const version = 1
/** Longest name that is believed: of a method, with its service. */
const nameBytesMax = 256
/** A frame, or a value in it, that is believed: the library's own `maxMessageSize`. */
export const messageBytesMax = 100 * 1024 * 1024
const frameHeadBytes = 4

/** Types of messages (thrift-rpc.md). */
export const types = { call: 1, reply: 2, exception: 3, oneway: 4 } as const

/** Whether the client says messages of that type; the others answer them. */
export const asks = (type: number): boolean => type === types.call || type === types.oneway

/** How a header is written; see above. */
export type Form = 'binary' | 'older' | 'compact'

/** The beginning of a message, up to the struct that is its arguments or its result. One serves many. */
export class Header {
  form: Form = 'binary'
  type = 0
  sequence = 0
  nameStart = 0
  nameEnd = 0
  /** Of a framed message, its length, included; 0: it ends where its struct does. */
  frameBytes = 0

  /** Answers how many bytes it takes, `needMore` or `notMine`. */
  read(bytes: Uint8Array, start: number, end: number, transport: Transport): number {
    this.frameBytes = 0
    const first = bytes[start]
    if (first === binaryMark || first === compactMark) return this.#message(bytes, start, end)
    if (end - start < frameHeadBytes) return first === 0 ? needMore : notMine
    const length = uint32(bytes, start)
    if (length === 0 || length > messageBytesMax) return notMine
    if (end - start === frameHeadBytes) return needMore
    const inner = bytes[start + frameHeadBytes]
    const isFramed = inner === binaryMark || inner === compactMark || inner === 0
    if (!isFramed) return this.#older(bytes, start, end)
    if (transport === 'udp') return notMine
    this.frameBytes = frameHeadBytes + length
    const taken = this.#message(bytes, start + frameHeadBytes, end)
    if (taken <= 0) return taken
    // behind the name there is at least the end of the struct
    return taken < length ? frameHeadBytes + taken : notMine
  }

  #message(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] === compactMark) return this.#compact(bytes, start, end)
    if (bytes[start] === binaryMark) return this.#binary(bytes, start, end)
    return this.#older(bytes, start, end)
  }

  #binary(bytes: Uint8Array, start: number, end: number): number {
    if (start + 1 < end && bytes[start + 1] !== version) return notMine
    if (start + 3 < end && !this.#takes('binary', bytes[start + 3])) return notMine
    if (end - start < 8) return needMore
    const name = this.#name(bytes, start + 8, end, uint32(bytes, start + 4))
    if (name <= 0) return name
    if (end - this.nameEnd < 4) return needMore
    this.sequence = int32(bytes, this.nameEnd)
    return this.nameEnd + 4 - start
  }

  #older(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 4) return needMore
    const name = this.#name(bytes, start + 4, end, uint32(bytes, start))
    if (name <= 0) return name
    if (this.nameEnd === this.nameStart) return notMine
    const at = this.nameEnd
    if (at < end && !this.#takes('older', bytes[at])) return notMine
    if (end - at < 5) return needMore
    this.sequence = int32(bytes, at + 1)
    return at + 5 - start
  }

  #compact(bytes: Uint8Array, start: number, end: number): number {
    const second = start + 1
    if (second === end) return needMore
    if ((bytes[second] & 31) !== version || !this.#takes('compact', bytes[second] >> 5)) {
      return notMine
    }
    const number = second + 1
    const numberBytes = varintBytes(bytes, number, end)
    if (numberBytes <= 0) return numberBytes
    this.sequence = varint(bytes, number, numberBytes) | 0
    const length = number + numberBytes
    const lengthBytes = varintBytes(bytes, length, end)
    if (lengthBytes <= 0) return lengthBytes
    const nameStart = length + lengthBytes
    const name = this.#name(bytes, nameStart, end, varint(bytes, length, lengthBytes))
    return name <= 0 ? name : this.nameEnd - start
  }

  #takes(form: Form, type: number): boolean {
    this.form = form
    this.type = type
    return type >= types.call && type <= types.oneway
  }

  /** Only who answers what made no sense has no name for it. */
  #name(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (length > nameBytesMax || (length === 0 && this.type !== types.exception)) return notMine
    this.nameStart = start
    this.nameEnd = start + length
    const past = Math.min(end, this.nameEnd)
    for (let i = start; i < past; i++) if (bytes[i] <= 0x20 || bytes[i] >= 0x7f) return notMine
    return this.nameEnd <= end ? length + 1 : needMore
  }
}
