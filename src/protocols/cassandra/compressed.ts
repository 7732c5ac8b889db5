import { uint24 } from '#lib/bytes.ts'
import { unlz4 } from '#lib/lz4.ts'
import { unsnappy } from '#lib/snappy.ts'

/** Compressed bytes of a body that are waited for and read, and bytes that they may become. */
export const inflatesUpTo = 48 * 1024
const inflatedMax = 256 * 1024

/**
 * A compressed body of versions 1 to 4 (native_protocol_v4.spec section 5): LZ4 behind four bytes of length, big end
 * first, or Snappy, which begins with its length, little end first. Which of them was agreed upon at the beginning,
 * and shows: bodies are too short for the first byte to be other than 0, or to be 0.
 */
export function inflate(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length === 0 || bytes[0] !== 0) return unsnappy(bytes, inflatedMax)
  const length = uint24(bytes, 1)
  if (length === 0) return new Uint8Array(0)
  return bytes.length > 4 && length <= inflatedMax ? unlz4(bytes.subarray(4), length) : undefined
}
