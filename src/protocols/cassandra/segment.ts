import { crc32 } from 'node:zlib'
import { uint16le, uint24le, uint32le } from '#lib/bytes.ts'

/*
 * Segments of version 5 (native_protocol_v5.spec section 2.1): envelopes lie in their payload, several in one or one in
 * several. All numbers are little-endian. In a compressed one whose second length is 0 the payload is not compressed.
 *
 *     plain        length 17 bits, self-contained 1, 0 6                          CRC-24 3  payload  CRC-32 4
 *     compressed   length 17 bits, uncompressed length 17, self-contained 1, 0 5  CRC-24 3  payload  CRC-32 4
 */

const lengthMask = 0x1ffff
export const crc24Bytes = 3
export const crc32Bytes = 4
export const plainHeaderBytes = 3 + crc24Bytes
export const compressedHeaderBytes = 5 + crc24Bytes

const crc24Start = 0x875060
const crc24Polynomial = 0x1974f0b
/** The four bytes `fa 2d 55 ca` begin every CRC-32. */
const crc32Start = crc32(Uint8Array.of(0xfa, 0x2d, 0x55, 0xca))

const crc24Table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 16
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1
    if ((crc & 0x1000000) !== 0) crc ^= crc24Polynomial
  }
  return crc
})

export function crc24(bytes: Uint8Array, start: number, end: number): number {
  let crc = crc24Start
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) & 0xffffff) ^ crc24Table[((crc >> 16) ^ bytes[i]) & 0xff]
  }
  return crc
}

/** Whether a payload is followed by its CRC-32. */
export function isIntact(bytes: Uint8Array, start: number, end: number): boolean {
  return crc32(bytes.subarray(start, end), crc32Start) === uint32le(bytes, end)
}

/** The header of a segment; one is enough for a reader, it is filled anew. */
export class SegmentHeader {
  headerBytes = 0
  /** Bytes of the payload as it is here. */
  length = 0
  /** Bytes of it when it is no longer compressed; 0: it is not. */
  inflatedLength = 0

  /** Whether a header of that size begins at `at`; the caller has checked that it is all there. */
  read(headerBytes: number, bytes: Uint8Array, at: number): boolean {
    const past = at + headerBytes - crc24Bytes
    const unused = headerBytes === plainHeaderBytes ? 0xfc : 0xf8
    if ((bytes[past - 1] & unused) !== 0) return false
    if (crc24(bytes, at, past) !== uint24le(bytes, past)) return false
    const low = uint24le(bytes, at)
    this.headerBytes = headerBytes
    this.length = low & lengthMask
    this.inflatedLength =
      headerBytes === plainHeaderBytes
        ? 0
        : (low >>> 17) | ((uint16le(bytes, at + 3) << 7) & lengthMask)
    return this.length > 0
  }

  /** Of either kind. */
  find(bytes: Uint8Array, at: number, end: number): boolean {
    if (end - at >= plainHeaderBytes && this.read(plainHeaderBytes, bytes, at)) return true
    return end - at >= compressedHeaderBytes && this.read(compressedHeaderBytes, bytes, at)
  }
}
