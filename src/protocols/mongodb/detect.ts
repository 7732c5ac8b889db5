import { int32le } from '#lib/bytes.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Evidence } from '../protocol.ts'
import { documentBytesMin, isType, zeroAt } from './bson.ts'
import { isCommand } from './commands.ts'
import {
  headerBytes,
  messageLength,
  opCompressed,
  opDelete,
  opGetMore,
  opInsert,
  opKillCursors,
  opMsg,
  opQuery,
  opReply,
  opUpdate,
  sends,
} from './header.ts'

/** Longest `db.collection`. */
const namespaceBytesMax = 256
/** Longest name of a first element. */
const nameBytesMax = 65

/**
 * What the first bytes of a side look like to MongoDB: its opcodes are rare numbers, and what follows a header has to
 * be as that opcode demands, up to the name of the first element.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  if (end - start < headerBytes) return mayBegin(bytes, start, end) ? 'maybe' : 'no'
  const length = messageLength(bytes, start)
  const past = start + length
  const body = start + headerBytes
  switch (length === 0 ? 0 : int32le(bytes, start + 12)) {
    case opMsg:
      return named(bytes, start, msg(bytes, body, past, end))
    case opCompressed:
      return named(bytes, start, compressed(bytes, body, past, end))
    case opReply:
      return asked('response', reply(bytes, body, past, end))
    case opKillCursors:
      return asked('request', killCursors(bytes, body, past, end))
    case opQuery:
    case opGetMore:
    case opInsert:
    case opUpdate:
    case opDelete:
      return asked('request', legacy(bytes, start, past, end))
    default:
      return 'no'
  }
}

/** Index at which a message of a side begins, or may begin when more bytes come; -1: nowhere. */
export function findMessage(side: Side, bytes: Uint8Array, start: number, end: number): number {
  const wanted = side === clientSide ? 'request' : 'response'
  for (let at = start; at < end; at++) {
    if (end - at >= headerBytes && !mayBeOpcode(bytes, at + 12)) continue
    const found = detect(bytes, at, end)
    if (found === wanted || found === 'maybe') return at
  }
  return -1
}

function mayBeOpcode(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 2] !== 0 || bytes[at + 3] !== 0) return false
  return bytes[at + 1] === 7 || (bytes[at + 1] === 0 && bytes[at] === opReply)
}

/** The first bytes of a header: its length is that of a message, as far as it is here. */
function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start < 4 || messageLength(bytes, start) > 0
}

/** Undefined: more bytes are needed to say it. */
type Proper = boolean | undefined

const asked = (evidence: Evidence, proper: Proper): Evidence =>
  proper === undefined ? 'maybe' : proper ? evidence : 'no'

/** Messages that both sides send: an answer names what it answers. */
function named(bytes: Uint8Array, start: number, proper: Proper): Evidence {
  const responseTo = int32le(bytes, start + 8)
  return asked(responseTo === 0 || responseTo === -1 ? 'request' : 'response', proper)
}

/** Flag bits, and a section of either kind: `kind 1  document`, or `kind 1  size 4  name 00  documents`. */
function msg(bytes: Uint8Array, body: number, past: number, end: number): Proper {
  if (end - body < 4) return undefined
  if ((int32le(bytes, body) & ~0x10003) !== 0) return false
  const section = body + 4
  if (section >= end) return undefined
  if (bytes[section] === 0) return document(bytes, section + 1, past, end)
  if (bytes[section] !== 1) return false
  if (end - section < 5) return undefined
  const size = int32le(bytes, section + 1)
  if (size < 5 || section + 1 + size > past) return false
  return name(bytes, section + 5, end)
}

/** A document, up to the name of its first element; one without any is none that is said so. */
function document(bytes: Uint8Array, at: number, past: number, end: number): Proper {
  if (end - at < 5) return undefined
  const size = int32le(bytes, at)
  if (size <= documentBytesMin || at + size > past || !isType(bytes[at + 4])) return false
  return name(bytes, at + 5, end)
}

function name(bytes: Uint8Array, at: number, end: number): Proper {
  const stop = zeroAt(bytes, at, Math.min(end, at + nameBytesMax))
  if (stop >= 0) return isCommand(bytes, at, stop)
  if (end > at && !isCommand(bytes, at, end)) return false
  return end - at < nameBytesMax ? undefined : false
}

/** Four flag bits, a cursor, two counts, documents. */
function reply(bytes: Uint8Array, body: number, past: number, end: number): Proper {
  if (end - body < 20) return undefined
  const from = int32le(bytes, body + 12)
  const documents = int32le(bytes, body + 16)
  if ((int32le(bytes, body) & ~0x0f) !== 0 || from < 0 || documents < 0) return false
  if (documents === 0) return past === body + 20
  if (end - body < 25) return undefined
  const size = int32le(bytes, body + 20)
  if (size < documentBytesMin || body + 20 + size > past) return false
  return size === documentBytesMin ? bytes[body + 24] === 0 : isType(bytes[body + 24])
}

/** A zero, a count, and as many cursors. */
function killCursors(bytes: Uint8Array, body: number, past: number, end: number): Proper {
  if (end - body < 8) return undefined
  const count = int32le(bytes, body + 4)
  return int32le(bytes, body) === 0 && count > 0 && body + 8 + 8 * count === past
}

/** Flag bits or a zero, `db.collection`, numbers, documents. */
function legacy(bytes: Uint8Array, start: number, past: number, end: number): Proper {
  const opcode = int32le(bytes, start + 12)
  const body = start + headerBytes
  if (end - body < 4) return undefined
  if ((int32le(bytes, body) & ~0xff) !== 0) return false
  const stop = zeroAt(bytes, body + 4, Math.min(end, body + 4 + namespaceBytesMax))
  if (!isNamespace(bytes, body + 4, stop < 0 ? end : stop, stop >= 0)) return false
  if (stop < 0) return end - body < namespaceBytesMax ? undefined : false
  if (opcode === opGetMore) return past === stop + 1 + 12
  const numbers = opcode === opQuery ? 8 : opcode === opInsert ? 0 : 4
  const documentAt = stop + 1 + numbers
  if (end - documentAt < 4) return undefined
  const size = int32le(bytes, documentAt)
  return size >= documentBytesMin && documentAt + size <= past
}

function isNamespace(bytes: Uint8Array, start: number, end: number, isWhole: boolean): boolean {
  let dots = 0
  for (let i = start; i < end; i++) {
    if (bytes[i] <= 0x20 || bytes[i] === 0x7f) return false
    if (bytes[i] === 0x2e) dots++
  }
  return !isWhole || (dots > 0 && end > start && bytes[start] !== 0x2e)
}

/** Opcode, length and compressor of what is compressed; what follows begins as that compressor begins. */
function compressed(bytes: Uint8Array, body: number, past: number, end: number): Proper {
  if (end - body < 13 && past > end) return undefined
  if (past - body < 10 || end - body < 10) return false
  const opcode = int32le(bytes, body)
  const size = int32le(bytes, body + 4)
  const isKnown = sends(clientSide, opcode) || sends(serverSide, opcode)
  if (!isKnown || opcode === opCompressed || size <= 0) return false
  const at = body + 9
  switch (bytes[body + 8]) {
    case 0:
      return past - at === size
    case 1:
      return beginsWithVarint(bytes, at, size, end)
    case 2:
      return (bytes[at] & 0x0f) === 8 && ((bytes[at] << 8) | bytes[at + 1]) % 31 === 0
    case 3:
      return bytes[at] === 0x28 && bytes[at + 1] === 0xb5
    default:
      return false
  }
}

/** Snappy begins with the length of what it holds, seven bits a byte. */
function beginsWithVarint(bytes: Uint8Array, at: number, length: number, end: number): boolean {
  let rest = length
  for (let i = at; i < end; i++, rest = Math.floor(rest / 128)) {
    const byte = rest < 128 ? rest : (rest & 0x7f) | 0x80
    if (bytes[i] !== byte) return false
    if (rest < 128) return true
  }
  return true
}
