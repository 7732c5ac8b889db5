/*
 * Numbers at an index, big end first, and little end first (`le`); the caller has checked that they are there. Those of 24
 * bits and less have no sign.
 */

export const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1]

export const uint24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]

export const int32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]

export const uint32 = (bytes: Uint8Array, at: number): number => int32(bytes, at) >>> 0

export const uint16le = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8)

export const uint24le = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)

export const int32le = (bytes: Uint8Array, at: number): number =>
  bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)

export const uint32le = (bytes: Uint8Array, at: number): number => int32le(bytes, at) >>> 0

/** Whether `bytes[start, end)` begin with `what`, all of it. */
export function begins(bytes: Uint8Array, start: number, end: number, what: Uint8Array): boolean {
  if (end - start < what.length) return false
  for (let i = 0; i < what.length; i++) if (bytes[start + i] !== what[i]) return false
  return true
}

/** `0` to `9` in ASCII. */
export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** A copy that shares nothing, of a Buffer too (whose own `slice` does share). */
export const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, start, end)
