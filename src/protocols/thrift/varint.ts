import { needMore, notMine } from '../stream.ts'

/** Bytes of the longest there is: 64 bits, seven a byte. */
const bytesMax = 10

/*
 * A number of the compact protocol: seven bits a byte, the lowest first. The top bit says that more follow.
 */

/** How many bytes the number at `start` takes, `needMore` or `notMine`. */
export function varintBytes(bytes: Uint8Array, start: number, end: number): number {
  const past = Math.min(end, start + bytesMax)
  for (let at = start; at < past; at++) if (bytes[at] < 0x80) return at + 1 - start
  return past < start + bytesMax ? needMore : notMine
}

/** The number that takes `length` bytes at `start`; inexact above 2^53. */
export function varint(bytes: Uint8Array, start: number, length: number): number {
  let value = 0
  for (let at = start + length - 1; at >= start; at--) value = value * 128 + (bytes[at] & 0x7f)
  return value
}

/** Of a signed number: 0, -1, 1, -2, 2, ... */
export const zigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
