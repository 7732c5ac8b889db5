import { ByteReader } from '#lib/byte-reader.ts'
import type { Evidence } from '../protocol.ts'
import { codes } from './commands.ts'
import { guessWrapping } from './compression.ts'
import { isLogin, readGreeting, sslRequestLength } from './login.ts'
import {
  capabilities,
  eofMax,
  headBytes,
  isDefinition,
  lengthAt,
  lengthMax,
  marks,
  okMin,
} from './packet.ts'
import { statementStart } from './query.ts'
import { columnCount, statusAt } from './reply.ts'
import { endsWhole, guessCommand } from './resync.ts'

/** A greeting or login is no longer, and the end of no longer packet is waited for. */
const waitedMax = 4096
/** Bytes of a statement that must be text. */
const textRead = 24
/** What may follow a request for TLS at once. */
const tlsHandshake = 0x16
/** Numbers of errors of servers. */
const errorMin = 1000
const errorMax = 9999

/**
 * A greeting, or a login, tells MySQL at once; in midstream a statement, an error with its SQLSTATE, or the
 * definition of a column do, where the numbers of packets agree. Other commands and answers need each other.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  if (start >= end) return 'maybe'
  if (end - start < headBytes) return 'maybe'
  const number = bytes[start + 3]
  const length = lengthAt(bytes, start)
  if (number > 1 || length === 0) return 'no'
  if (end - start === headBytes) return 'maybe'
  return number === 0
    ? first(greeting(bytes, start, end, length), command(bytes, start, end))
    : first(login(bytes, start, end, length), answer(bytes, start, end, length))
}

const first = (one: Evidence, other: Evidence): Evidence => (one === 'no' ? other : one)

function greeting(bytes: Uint8Array, start: number, end: number, length: number): Evidence {
  if (length > waitedMax) return 'no'
  const at = start + headBytes
  const past = at + length
  if (bytes[at] === marks.error) return past > end ? 'maybe' : refusal(bytes, at, past, end)
  if (past < end) return 'no'
  const reader = new ByteReader().reset(bytes, at, end)
  if (readGreeting(reader)) return past > end ? 'maybe' : 'response'
  return reader.short && past > end ? 'maybe' : 'no'
}

/** An error in place of a greeting: all that is said on a connection. */
function refusal(bytes: Uint8Array, at: number, past: number, end: number): Evidence {
  const proper =
    past === end && isErrorNumber(bytes, at) && past - at > 12 && isText(bytes, at + 3, past)
  return proper ? 'response' : 'no'
}

function login(bytes: Uint8Array, start: number, end: number, length: number): Evidence {
  const at = start + headBytes
  if (length < sslRequestLength || length > waitedMax) return 'no'
  if (at + length < end && bytes[at + length] !== tlsHandshake) return 'no'
  if (!isLogin(bytes, at, end)) return 'no'
  if (end - at < sslRequestLength) return 'maybe'
  const ssl = (bytes[at + 1] & (capabilities.ssl >> 8)) !== 0
  if (length === sslRequestLength) return ssl ? 'request' : 'no'
  const zero = bytes.indexOf(0, at + sslRequestLength)
  if (zero < 0 || zero >= end) return at + length > end ? 'maybe' : 'no'
  return isText(bytes, at + sslRequestLength, zero) ? 'request' : 'no'
}

function command(bytes: Uint8Array, start: number, end: number): Evidence {
  const wrapped = guessWrapping(bytes, start, end)
  if (wrapped === 'begun') return 'maybe'
  const at = wrapped === 'whole' ? start + headBytes + 3 : start
  const guess = guessCommand(bytes, at, end)
  if (guess === 'no') return 'no'
  const length = lengthAt(bytes, at)
  const past = at + headBytes + length
  if (past < end && length < lengthMax && !endsWhole(bytes, at, end)) return 'no'
  const code = bytes[at + headBytes]
  if (code === codes.query || code === codes.prepare)
    return statement(bytes, at, Math.min(past, end))
  if (guess === 'whole') return 'weak-request'
  return length <= waitedMax ? 'maybe' : 'no'
}

const verbs =
  /^(?:ALTER|ANALYZE|BEGIN|CALL|CHANGE|COMMIT|CREATE|DEALLOCATE|DELETE|DESC|DESCRIBE|DO|DROP|EXECUTE|EXPLAIN|FLUSH|GRANT|INSERT|KILL|LOAD|LOCK|OPTIMIZE|PREPARE|PURGE|RELEASE|RENAME|REPLACE|RESET|REVOKE|ROLLBACK|SAVEPOINT|SELECT|SET|SHOW|START|STOP|TRUNCATE|UNLOCK|UPDATE|USE|VALUES|WITH|XA)(?:[\s(;*'"`@]|$)/i

/** A statement that begins as they do tells enough, be it whole or not; another is text at least. */
function statement(bytes: Uint8Array, at: number, end: number): Evidence {
  const content = at + headBytes + 1
  const start = bytes[content - 1] === codes.query ? statementStart(bytes, content, end) : content
  const past = Math.min(end, start + textRead)
  if (!isText(bytes, start, past)) return 'no'
  const text = String.fromCharCode(...bytes.subarray(start, past)).trimStart()
  const whole = content + lengthAt(bytes, at) - 1 <= end
  if (verbs.test(text) && (whole || past === start + textRead)) return 'request'
  if (whole) return text.length > 1 ? 'weak-request' : 'no'
  return past === start + textRead ? 'weak-request' : 'maybe'
}

/** What begins with number 1. */
function answer(bytes: Uint8Array, start: number, end: number, length: number): Evidence {
  const at = start + headBytes
  const past = at + length
  const mark = bytes[at]
  if (past > end) return length <= waitedMax && mayAnswer(bytes, at, length) ? 'maybe' : 'no'
  if (mark === marks.error) return errorEvidence(bytes, at, past, end)
  if (columnCount(bytes, at, length) > 0 || (mark === marks.ok && length >= 12)) {
    const follows = definition(bytes, past, end)
    if (follows !== 'no') return follows
  }
  if (past !== end) return 'no'
  if (mark === marks.end && length === eofMax) return 'weak-response'
  return mark === marks.ok && length >= okMin && statusAt(bytes, at, length) < 0x8000
    ? 'weak-response'
    : 'no'
}

/** Whether a packet, of which this is the beginning, may be an answer. */
function mayAnswer(bytes: Uint8Array, at: number, length: number): boolean {
  const mark = bytes[at]
  if (mark === marks.error) return length > 9
  if (mark === marks.end) return length === eofMax
  return mark === marks.ok ? length >= okMin : columnCount(bytes, at, length) > 0
}

/** The definition of a column, with the number that follows. */
function definition(bytes: Uint8Array, at: number, end: number): Evidence {
  if (at === end) return 'no'
  const known = Math.min(end, at + 8)
  const expected = [-1, -1, -1, 2, 3, 0x64, 0x65, 0x66]
  for (let i = at; i < known; i++) {
    if (expected[i - at] >= 0 && bytes[i] !== expected[i - at]) return 'no'
  }
  if (end - at < 8) return 'maybe'
  return isDefinition(bytes, at + headBytes) ? 'response' : 'no'
}

function errorEvidence(bytes: Uint8Array, at: number, past: number, end: number): Evidence {
  const proper = past === end && isErrorNumber(bytes, at) && past - at >= 9
  if (!proper || bytes[at + 3] !== 0x23) return 'no'
  const state = String.fromCharCode(...bytes.subarray(at + 4, at + 9))
  return /^[0-9A-Z]{5}$/.test(state) ? 'response' : 'no'
}

function isErrorNumber(bytes: Uint8Array, at: number): boolean {
  const number = bytes[at + 1] | (bytes[at + 2] << 8)
  return number >= errorMin && number <= errorMax
}

/** No control characters but space. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if ((bytes[at] < 32 && (bytes[at] < 9 || bytes[at] > 13)) || bytes[at] === 127) return false
  }
  return true
}
