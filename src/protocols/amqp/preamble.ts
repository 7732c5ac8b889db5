import { begins } from '#lib/bytes.ts'
/** Bytes of the protocol header. */
export const preambleBytes = 8

/**
 * Versions that say `AMQP` first and then the frames of `frame.ts`: 0-9-1, 0-9, 0-8, and what some clients of 0-9-1 send.
 * 0-10 and 1.0 are other protocols by the same name.
 */
const versions = new Map([
  ['0-0-9-1', '0-9-1'],
  ['1-1-9-1', '0-9-1'],
  ['1-1-0-9', '0-9'],
  ['1-1-8-0', '0-8'],
])

const name = Buffer.from('AMQP')

/** The version whose header is at `start`; `maybe` while more bytes are needed; undefined: none of ours. */
export function versionAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = Math.min(end - start, name.length)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return undefined
  if (end - start < preambleBytes) return 'maybe'
  return versions.get(bytes.subarray(start + 4, start + 8).join('-'))
}

/** True where any header of the name begins, of whatever version. */
export function isPreamble(bytes: Uint8Array, start: number, end: number): boolean {
  return begins(bytes, start, end, name)
}
