import type { ByteReader } from '#lib/byte-reader.ts'
import { type Api, apis } from './layout.ts'

/** Bytes of the length that stands before each message. */
export const lengthBytes = 4
/** Largest message that is believed: a broker takes 100 MB by default. */
export const messageMax = 256 * 1024 * 1024
/** Bytes of a request that are read: its header, and the first topic of many; the rest is passed over. */
export const requestRead = 1024
/** Longest client id that is believed. */
const clientIdMax = 256
/** Version numbers, of an API we do not know too. */
const versionMax = 63
const apiKeyMax = 255

/**
 * What stands before the body of a request (versions 1 and 2 of the header):
 *
 *     length, 4 bytes | API key, 2 | its version, 2 | correlation id, 4 | client id: length, 2, text | tagged fields
 */
export class RequestHeader {
  key = 0
  version = 0
  correlation = 0
  api: Api | undefined
  isFlexible = false
  /** The client id: `bytes[clientStart, clientEnd)`. */
  clientStart = 0
  clientEnd = 0

  /** Reads on from behind the length; false when it is none, or cut short. The body follows at `reader.at`. */
  read(reader: ByteReader): boolean {
    this.key = reader.i16()
    this.version = reader.i16()
    this.correlation = reader.i32()
    const clientBytes = reader.i16()
    this.clientStart = reader.at
    reader.skip(Math.max(0, clientBytes))
    this.clientEnd = reader.at
    this.api = apis[this.key]
    this.isFlexible = this.api !== undefined && this.version >= this.api.flexible
    if (reader.short || clientBytes < -1 || clientBytes > clientIdMax) return false
    if (this.key < 0 || this.key > apiKeyMax || this.version < 0 || this.version > versionMax) {
      return false
    }
    if (!isText(reader.bytes, this.clientStart, this.clientEnd)) return false
    if (this.isFlexible) skipTagged(reader)
    return true
  }
}

/** True when there are no control characters: names of clients and topics have none. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] < 0x20 || bytes[i] === 0x7f) return false
  return true
}

/** A number in groups of seven bits, least first: what flexible versions count with. */
export function readVarint(reader: ByteReader): number {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = reader.u8()
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
  }
  reader.skip(-1)
  return 0
}

/** Passes over tagged fields: a count, then a tag, a length and so many bytes each. */
export function skipTagged(reader: ByteReader): void {
  for (let left = readVarint(reader); left > 0 && !reader.short; left--) {
    readVarint(reader)
    reader.skip(readVarint(reader))
  }
}
