import { uint16, uint24 } from '#lib/bytes.ts'
import type { Evidence } from '../protocol.ts'
import { messages } from './hello.ts'
import { contentLength, contents, headBytes, mayBeRecords } from './record.ts'
import { oldHelloHeadBytes, oldHelloSize } from './sslv2.ts'
import { isDraft } from './versions.ts'

/** Up to the version that a hello states. */
const helloHeadBytes = headBytes + 6
/** A hello is no shorter: version, random, and the lengths of what may be empty. */
const helloMin = 38
/** No hello is longer: tickets and keys of some thousand bytes. */
const helloMax = 64 * 1024

/**
 * A hello tells who asks. Encrypted records, one after the other to the end of the piece, can be nobody else's either,
 * but both sides say such.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  if (bytes[start] >= 0x80) return oldHello(bytes, start, end)
  if (!mayBeRecords(bytes, start, end)) return 'no'
  if (bytes[start] === contents.handshake) return hello(bytes, start, end)
  if (bytes[start] === contents.applicationData) return applicationData(bytes, start, end)
  return 'no'
}

function hello(bytes: Uint8Array, start: number, end: number): Evidence {
  if (end - start < helloHeadBytes) return 'maybe'
  const length = contentLength(bytes, start)
  const type = bytes[start + headBytes]
  const size = uint24(bytes, start + 6)
  const version = uint16(bytes, start + 9)
  const [asks, answers] = [type === messages.clientHello, type === messages.serverHello]
  if (!asks && !answers) return 'no'
  // cut into tiny records: what follows its type is not where it should be
  if (length < helloHeadBytes - headBytes) return asks ? 'weak-request' : 'weak-response'
  const isShaped = size >= helloMin && size <= helloMax
  if (!isShaped || !(version >>> 8 === 3 || isDraft(version))) return 'no'
  return asks ? 'request' : 'response'
}

function applicationData(bytes: Uint8Array, start: number, end: number): Evidence {
  if (end - start < headBytes) return 'maybe'
  const next = start + headBytes + contentLength(bytes, start)
  return next === end || next + headBytes <= end ? 'either' : 'maybe'
}

function oldHello(bytes: Uint8Array, start: number, end: number): Evidence {
  if (end - start > 2 && bytes[start + 2] !== messages.clientHello) return 'no'
  if (end - start < oldHelloHeadBytes) return 'maybe'
  const size = oldHelloSize(bytes, start)
  return size > 0 && end - start <= size ? 'request' : 'no'
}
