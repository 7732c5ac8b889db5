import { uint16 } from '#lib/bytes.ts'

/*
 * The record layer (RFC 8446 section 5.1; the same since SSL 3.0, RFC 6101 section 5.2): type, version, length.
 *
 *     16 0301 0200 ...        a handshake record of 512 bytes
 */

export const headBytes = 5

/** What a record holds (RFC 8446 section 5.1, RFC 6520 section 4). */
export const contents = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const

/** Longest record: 2^14 bytes, and what compression and encryption may add (RFC 5246 section 6.2.3). */
const lengthMax = 16384 + 2048
/** Shortest record of encrypted bytes: a type and the shortest tag. */
export const sealedMin = 9

/** Length of what the record at `at` holds; 0 when no record begins there. Its five bytes are there. */
export function contentLength(bytes: Uint8Array, at: number): number {
  const type = bytes[at]
  const length = uint16(bytes, at + 3)
  if (bytes[at + 1] !== 3 || bytes[at + 2] > 3 || length > lengthMax) return 0
  if (type === contents.changeCipherSpec) return length === 1 ? 1 : 0
  if (type === contents.alert) return length === 2 || length >= sealedMin ? length : 0
  if (type === contents.applicationData) return length >= sealedMin ? length : 0
  return type === contents.handshake || type === contents.heartbeat ? length : 0
}

/** Records in a row that prove their place: what follows is not looked at, so that a search costs no more than its bytes. */
const chainMin = 16

/** Whether records follow one another in `bytes[at, end)`, as far as that goes; what is cut off at the end may be one. */
export function mayBeRecords(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  for (let count = 0; at + headBytes <= end; count++) {
    if (count === chainMin) return true
    const length = contentLength(bytes, at)
    if (length === 0) return false
    at += headBytes + length
  }
  if (at < end && (bytes[at] < contents.changeCipherSpec || bytes[at] > contents.heartbeat))
    return false
  return at + 1 >= end || bytes[at + 1] === 3
}
