import { ByteReader } from '#lib/byte-reader.ts'
import { unlz4 } from '#lib/lz4.ts'
import { latin1 } from '#lib/text.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Evidence } from '../protocol.ts'
import { isErrorCode } from './codes.ts'
import {
  eventTypes,
  flagsKnown,
  Header,
  isVersion,
  opcodes,
  resultKinds,
  skipPrefix,
} from './envelope.ts'
import { SegmentHeader } from './segment.ts'

/** Whether a body is as its opcode demands: surely, so that it might be, not; undefined: more bytes are needed. */
type Proper = 'surely' | 'maybe' | 'no' | undefined

/** Prepared statements have ids of 16 bytes so far. */
const idBytesMax = 64
const columnsMax = 65535

/**
 * What the first bytes of a side look like to Cassandra: an envelope whose body is as its opcode demands, or a segment
 * with a right checksum that has one in it.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const own = detectEnvelope(bytes, start, end)
  return own === 'no' || own === 'maybe' ? detectSegment(bytes, start, end, own) : own
}

/** Whether an envelope of a side begins at `at`, or may begin there when more bytes come. */
export function isEnvelope(side: Side, bytes: Uint8Array, at: number, end: number): boolean {
  const found = signOf(side, bytes, at, end)
  return found === 'maybe' || found === (side === clientSide ? 'request' : 'response')
}

/** The same where one is likely to begin: a weak sign is enough. */
export function mayBeEnvelope(side: Side, bytes: Uint8Array, at: number, end: number): boolean {
  return signOf(side, bytes, at, end) !== 'no'
}

/** Of most bytes it is seen at once that they begin nothing. */
function signOf(side: Side, bytes: Uint8Array, at: number, end: number): Evidence {
  if (bytes[at] >> 7 !== side || !isVersion(bytes[at] & 0x7f)) return 'no'
  return detectEnvelope(bytes, at, end)
}

function detectEnvelope(bytes: Uint8Array, start: number, end: number): Evidence {
  if (start >= end) return 'maybe'
  const side = bytes[start] >> 7 === 0 ? clientSide : serverSide
  const header = new Header()
  const headerBytes = header.read(side, bytes, start, end)
  if (headerBytes < 0 || !isUsual(bytes, start, end)) return 'no'
  if (headerBytes === 0) return 'maybe'
  const body = start + headerBytes
  const proper = bodyOf(side, header, bytes, body, end)
  if (proper === undefined) return 'maybe'
  if (proper === 'no') return 'no'
  const sign = side === clientSide ? 'request' : 'response'
  return proper === 'surely' ? sign : `weak-${sign}`
}

/** A header, as far as it is here: known flags and opcode, and a length below 16 MB, which all are in practice. */
function isUsual(bytes: Uint8Array, start: number, end: number): boolean {
  const opcode = start + ((bytes[start] & 0x7f) < 3 ? 3 : 4)
  if (start + 1 < end && (bytes[start + 1] & ~flagsKnown) !== 0) return false
  if (opcode < end && bytes[opcode] > opcodes.authSuccess) return false
  return opcode + 1 >= end || bytes[opcode + 1] === 0
}

/** `otherwise`: what is to be said when it is none. */
function detectSegment(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherwise: Evidence,
): Evidence {
  const segment = new SegmentHeader()
  if (!segment.find(bytes, start, end)) return otherwise
  const payload = start + segment.headerBytes
  const past = payload + segment.length
  if (segment.inflatedLength === 0) return detectEnvelope(bytes, payload, Math.min(end, past))
  if (past > end) return 'maybe'
  const inflated = unlz4(bytes.subarray(payload, past), segment.inflatedLength)
  return inflated ? detectEnvelope(inflated, 0, inflated.length) : 'no'
}

function bodyOf(side: Side, header: Header, bytes: Uint8Array, start: number, end: number): Proper {
  if (header.isCompressed) return header.length > 0 ? 'maybe' : 'no'
  const past = start + header.length
  const reader = new ByteReader().reset(bytes, start, Math.min(past, end))
  skipPrefix(side, header, reader)
  const proper =
    side === clientSide ? request(header, reader, past) : response(header, reader, past)
  if (!reader.short) return proper
  return past > end ? undefined : 'no'
}

function request(header: Header, reader: ByteReader, past: number): Proper {
  const { opcode, length } = header
  switch (opcode) {
    case opcodes.options:
      return length === 0 ? 'maybe' : 'no'
    case opcodes.startup:
      return reader.u16() > 0 && isName(reader) ? 'surely' : 'no'
    case opcodes.query:
    case opcodes.prepare:
      return isStatement(reader, past) ? 'surely' : 'no'
    case opcodes.execute:
      return isId(reader) ? 'maybe' : 'no'
    case opcodes.register:
      return reader.u16() > 0 && eventTypes.has(word(reader)) ? 'surely' : 'no'
    case opcodes.batch:
      return reader.u8() <= 2 && reader.u16() > 0 && reader.u8() <= 1 ? 'maybe' : 'no'
    case opcodes.authResponse:
      return isRest(reader.i32(), reader, past) ? 'maybe' : 'no'
    default:
      return reader.u16() > 0 && isRestAtMost(reader.u16(), reader, past) ? 'maybe' : 'no'
  }
}

function response(header: Header, reader: ByteReader, past: number): Proper {
  switch (header.opcode) {
    case opcodes.error:
      return isErrorCode(reader.i32()) && isRestAtMost(reader.u16(), reader, past) ? 'surely' : 'no'
    case opcodes.ready:
      return reader.at === past ? 'maybe' : 'no'
    case opcodes.authenticate:
      return isRest(reader.u16(), reader, past) ? 'surely' : 'no'
    case opcodes.supported:
      return reader.u16() > 0 && isName(reader) ? 'surely' : 'no'
    case opcodes.result:
      return isResult(reader, past) ? 'surely' : 'no'
    case opcodes.event:
      return header.stream < 0 && eventTypes.has(word(reader)) ? 'surely' : 'no'
    default:
      return isRest(reader.i32(), reader, past) ? 'maybe' : 'no'
  }
}

function isResult(reader: ByteReader, past: number): boolean {
  const kind = reader.i32()
  if (kind === resultKinds.none) return reader.at === past
  if (kind === resultKinds.keyspace) return isRest(reader.u16(), reader, past)
  if (kind === resultKinds.prepared) return isId(reader)
  if (kind === resultKinds.schema) return /^(?:CREATED|UPDATED|DROPPED)$/.test(word(reader))
  if (kind !== resultKinds.rows) return false
  const flags = reader.i32()
  const columns = reader.i32()
  return flags >= 0 && flags < 32 && columns >= 0 && columns <= columnsMax
}

/** A long string that begins as text does. */
function isStatement(reader: ByteReader, past: number): boolean {
  const length = reader.i32()
  if (length <= 0 || !isRestAtMost(length, reader, past)) return false
  return /^[\s(/-]*[A-Za-z]+[\s*;]?/.test(
    latin1(reader.bytes, reader.at, Math.min(reader.end, reader.at + Math.min(length, 32))),
  )
}

function isId(reader: ByteReader): boolean {
  const length = reader.u16()
  return length > 0 && length <= idBytesMax
}

/** A key of the options: `CQL_VERSION`. */
const isName = (reader: ByteReader): boolean => /^[A-Z][A-Z_]*$/.test(word(reader))

const isRest = (length: number, reader: ByteReader, past: number): boolean =>
  length >= 0 && reader.at + length === past

const isRestAtMost = (length: number, reader: ByteReader, past: number): boolean =>
  length >= 0 && reader.at + length <= past

function word(reader: ByteReader): string {
  const length = reader.u16()
  return length <= 64 ? reader.latin1(length) : ''
}
