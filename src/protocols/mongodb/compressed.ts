import { inflateSync, zstdDecompressSync } from 'node:zlib'
import { unsnappy } from '#lib/snappy.ts'

/** Compressed bytes of a message that are waited for and read: what a stream may carry at most. */
export const inflatesUpTo = 48 * 1024
/** Bytes that they may become. */
export const inflatedMax = 256 * 1024

/** What an OP_COMPRESSED holds, by the number of its compressor; undefined where that cannot be read. */
export function inflate(
  compressor: number,
  bytes: Uint8Array,
  size: number,
): Uint8Array | undefined {
  try {
    const inflated = inflateBy(compressor, bytes, Math.max(1, size))
    return inflated?.length === size ? inflated : undefined
  } catch {
    // the platform throws for what is not compressed as it says, or becomes longer: bad bytes, no fault
    return undefined
  }
}

function inflateBy(compressor: number, bytes: Uint8Array, size: number): Uint8Array | undefined {
  if (compressor === 0) return bytes
  if (compressor === 1) return unsnappy(bytes, size)
  if (compressor === 2) return inflateSync(bytes, { maxOutputLength: size })
  return compressor === 3 ? zstdDecompressSync(bytes, { maxOutputLength: size }) : undefined
}
