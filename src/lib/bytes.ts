/** Big-endian 16 bits at an index; the caller has checked that they are there. */
export const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1]

/** A copy that shares nothing, of a Buffer too (whose own `slice` does share). */
export const copyOf = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, start, end)
