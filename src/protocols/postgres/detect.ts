import { ByteReader } from '#lib/byte-reader.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Evidence } from '../protocol.ts'
import { headBytes, sizeAt } from './message.ts'
import { chain } from './resync.ts'
import { readStartup } from './startup.ts'

/** A startup message of any use is no longer. */
const startupUsual = 4096
/** The end of a longer message is not waited for. */
const waitedMax = 2048

const code = (letter: string) => letter.charCodeAt(0)

/**
 * A startup tells PostgreSQL at once. In midstream a segment of whole messages does: of at least two, or of one whose
 * content has the form its type demands.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  if (start >= end) return 'maybe'
  if (bytes[start] === 0) return detectStartup(bytes, start, end)
  if (end - start < headBytes) return mayBegin(bytes, start, end) ? 'maybe' : 'no'
  if (speaks(clientSide, bytes, start, end)) return 'request'
  if (speaks(serverSide, bytes, start, end)) return 'response'
  if (beginsResult(bytes, start, end)) return 'response'
  return isCut(bytes, start, end) ? 'maybe' : 'no'
}

function detectStartup(bytes: Uint8Array, start: number, end: number): Evidence {
  const reader = new ByteReader().reset(bytes, start, end)
  if (readStartup(reader)) return 'request'
  if (!reader.short) return 'no'
  const size = reader.reset(bytes, start, end).u32()
  const version = reader.u32()
  if (reader.short) return size > startupUsual ? 'no' : 'maybe'
  return size <= startupUsual && version >>> 16 === 3 ? 'maybe' : 'no'
}

/** One byte answers a request for encryption; what begins a message has a length that begins with zero. */
function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 1 && bytes[start + 1] !== 0) return false
  return /[A-Za-z123]/.test(String.fromCharCode(bytes[start]))
}

function speaks(side: Side, bytes: Uint8Array, start: number, end: number): boolean {
  const { count, whole } = chain(side, bytes, start, end)
  if (count === 0) return false
  const proper = isProper(side, bytes, start)
  return proper && (whole ? count > 1 || isTelling(side, bytes[start]) : count > 2)
}

/** Whether the content of the whole message at `start` is what its type says. */
function isProper(side: Side, bytes: Uint8Array, start: number): boolean {
  const type = bytes[start]
  const past = start + sizeAt(side, bytes, start)
  const body = start + headBytes
  if (side === clientSide) {
    if (type === code('Q')) return bytes.indexOf(0, body) === past - 1 && isText(bytes, body)
    if (type === code('P')) return isText(bytes, bytes.indexOf(0, body) + 1)
    return true
  }
  if (type === code('C')) return bytes.indexOf(0, body) === past - 1 && isCapital(bytes[body])
  if (type === code('Z')) return 'ITE'.includes(String.fromCharCode(bytes[body]))
  if (type === code('E') || type === code('N')) return isErrorBody(bytes, body, past)
  if (type === code('R')) return bytes[body] === 0 && bytes[body + 3] <= 12
  return true
}

/** Types whose content alone proves them. */
function isTelling(side: Side, type: number): boolean {
  return side === clientSide ? type === code('Q') : type === code('E')
}

/** Statements begin with a letter, space, a comment or a parenthesis. */
const isText = (bytes: Uint8Array, at: number) =>
  /[A-Za-z\s(;/-]/.test(String.fromCharCode(bytes[at]))

const isCapital = (byte: number) => byte >= 65 && byte <= 90

/** Fields of one letter and a text each, severity first. */
function isErrorBody(bytes: Uint8Array, body: number, past: number): boolean {
  return bytes[body] === code('S') && isCapital(bytes[body + 1]) && bytes[past - 1] === 0
}

/** A result longer than the segment: its description, and the first row. */
function beginsResult(bytes: Uint8Array, start: number, end: number): boolean {
  const opens = 'T12'.includes(String.fromCharCode(bytes[start]))
  return opens && chain(serverSide, bytes, start, end).count >= 2
}

/** A short message of either side, whose end is not here. */
function isCut(bytes: Uint8Array, start: number, end: number): boolean {
  const size = Math.max(sizeAt(clientSide, bytes, start), sizeAt(serverSide, bytes, start))
  return size > end - start && size <= waitedMax
}
