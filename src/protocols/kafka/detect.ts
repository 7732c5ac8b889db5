import { ByteReader } from '#lib/byte-reader.ts'
import { uint16 } from '#lib/bytes.ts'
import type { Evidence } from '../protocol.ts'
import { isText, lengthBytes, RequestHeader, requestRead } from './header.ts'
import { apis } from './layout.ts'
import { Walk } from './walk.ts'

/** Shortest header of a request, and of a response, behind the length. */
const requestMin = 10
const responseMin = 4
/** Versions later than the latest that we know of which may be. */
const laterMax = 2

/**
 * What the first bytes of a side look like to Kafka. A request proves it by two of these: it has the name of a client;
 * where its API and version have it stands a topic or a group; it ends where its layout ends. Others are weak, as is
 * any response: it says nothing but its length and a number. No connection begins with more than 16 MB.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const length = end - start
  if (bytes[start] !== 0) return 'no'
  if (length < lengthBytes) return 'maybe'
  const reader = new ByteReader().reset(bytes, start, end)
  const size = reader.i32()
  if (size < responseMin) return 'no'
  const evidence = size < requestMin ? 'no' : detectRequest(bytes, start, end, size)
  if (evidence !== 'no') return evidence
  if (length < lengthBytes + responseMin) return 'maybe'
  return reader.i32() >= 0 ? 'weak-response' : 'no'
}

function detectRequest(bytes: Uint8Array, start: number, end: number, size: number): Evidence {
  const header = new RequestHeader()
  const walk = new Walk()
  const { reader } = walk
  const needed = start + lengthBytes + Math.min(size, requestRead)
  reader.reset(bytes, start + lengthBytes, Math.min(end, needed))
  if (!header.read(reader)) {
    return reader.short && end < needed && mayBeHeader(bytes, start, end) ? 'maybe' : 'no'
  }
  const { api, version, correlation, isFlexible, clientStart, clientEnd } = header
  if (!api || version > api.latest + laterMax || correlation < 0) return 'no'
  if (end < needed) return 'maybe'
  walk.read(api.asks ?? [], version, isFlexible)
  if (reader.short && size <= requestRead) return 'no'
  if (!isText(bytes, walk.shownStart, walk.shownEnd)) return 'no'
  const hasTopic = walk.shownEnd > walk.shownStart || walk.idAt >= 0
  const hasClient = clientEnd > clientStart
  const isWhole = api.asks !== undefined && walk.isWhole
  if (hasClient ? hasTopic || isWhole : hasTopic && isWhole) return 'request'
  return hasClient || hasTopic ? 'weak-request' : 'no'
}

/** True when what is at hand of a header, one byte at least, fits an API that we know. */
function mayBeHeader(bytes: Uint8Array, start: number, end: number): boolean {
  const at = (index: number) => (start + index < end ? bytes[start + index] : 0)
  const api = apis[at(5)]
  if (at(0) !== 0 || at(4) !== 0 || at(6) !== 0 || at(8) > 0x7f || !api) return false
  return at(7) <= api.latest + laterMax
}

/** True when a request of a client with a name begins here, or may, where bytes end. */
export function mayBeRequest(bytes: Uint8Array, start: number, end: number): boolean {
  if (!mayBeHeader(bytes, start, end)) return false
  const nameAt = start + lengthBytes + requestMin
  if (end <= nameAt) return true
  const nameBytes = uint16(bytes, nameAt - 2)
  return (
    nameBytes > 0 && nameBytes < 256 && isText(bytes, nameAt, Math.min(end, nameAt + nameBytes))
  )
}
