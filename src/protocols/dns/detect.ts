import { ByteReader } from '#lib/byte-reader.ts'
import { uint16 } from '#lib/bytes.ts'
import type { Transport } from '#model/flow.ts'
import type { Evidence } from '../protocol.ts'
import { isKnownOpcode, isKnownType, opcodeInverse, opcodeQuery } from './codes.ts'
import {
  authoritative,
  headerBytes,
  type Message,
  type Question,
  readMessage,
  recursionDesired,
  recursive,
  reservedFlag,
  truncated,
} from './message.ts'
import { readRecords } from './records.ts'

/** Records of a section that a message may claim without all of them being here. */
const claimsMax = 100
/** Header and the shortest question: the root. */
const messageMin = headerBytes + 5
/** The longest question: a name, type and class. */
const questionMax = 259

/**
 * Tells DNS by its content. Its cousins share the form, and are none of it: multicast DNS (id 0, nobody asked to
 * recurse), LLMNR (one bare label, not to recurse) and NetBIOS names.
 */
export function detect(
  bytes: Uint8Array,
  start: number,
  end: number,
  transport: Transport,
): Evidence {
  if (transport === 'udp') return detectMessage(bytes, start, end)
  if (end - start < 2) return 'maybe'
  const length = uint16(bytes, start)
  if (length < messageMin) return 'no'
  const past = Math.min(end, start + 2 + length)
  const evidence = detectMessage(bytes, start + 2, past)
  const cut = end - start < 2 + length
  return evidence === 'no' && cut && mayBegin(bytes, start + 2, end) ? 'maybe' : evidence
}

/** The beginning of a message over TCP, as far as it is here: a known operation, one question. */
function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length > headerBytes + questionMax) return false
  if (length >= 4 && !isKnownOpcode((bytes[start + 2] >> 3) & 15)) return false
  return length < 6 || uint16(bytes, start + 4) === 1
}

function detectMessage(bytes: Uint8Array, start: number, end: number): Evidence {
  const reader = new ByteReader().reset(bytes, start, end)
  const message = readMessage(reader)
  if (!message || (!message.isResponse && isAnswered(message))) return 'no'
  const { question } = message
  if (!question) return detectInverse(reader, start, message)
  if (!isPlausible(question) || isCousin(message, question)) return 'no'
  const { exact } = readRecords(reader, start, message)
  if (!exact && !isUsual(message, question)) return 'no'
  return message.isResponse ? 'response' : 'request'
}

/** What only an answer says: that something went wrong, or (but some clients set any flag) that there is more of it. */
const isAnswered = ({ rcode, flags, opcode }: Message): boolean =>
  rcode !== 0 || ((flags & truncated) !== 0 && !isKnownOpcode(opcode))

/** An inverse query asks for the question to an answer (RFC 1035 section 6.4), and mostly gets neither. */
function detectInverse(reader: ByteReader, start: number, message: Message): Evidence {
  const { opcode, isResponse, questions, answers, flags } = message
  if (opcode !== opcodeInverse || questions !== 0 || (flags & reservedFlag) !== 0) return 'no'
  if (isResponse) return reader.left === 0 ? 'weak-response' : 'no'
  return answers === 1 && readRecords(reader, start, message).exact ? 'weak-request' : 'no'
}

const printable = /^[!-~]*$/
/** NB of NetBIOS. */
const netbiosType = 32

/** Classes IN, CH, HS, NONE and ANY. */
function isPlausible({ class: kind, name, type }: Question): boolean {
  if (kind !== 1 && kind !== 3 && kind !== 4 && kind !== 254 && kind !== 255) return false
  return type !== 0 && type !== netbiosType && printable.test(name)
}

/** A NetBIOS name: 32 letters A to P, of which a few may have been changed on the way. */
const netbiosLength = 32
const netbiosLeast = 28
const netbiosLetter = /[A-P]/g

/** What is asked of neighbours: A, PTR, AAAA, ANY. */
const neighbourTypes: ReadonlySet<number> = new Set([1, 12, 28, 255])

function isCousin(message: Message, { name, type }: Question): boolean {
  if (isNetbios(name)) return true
  if (message.opcode !== opcodeQuery || (message.flags & recursionDesired) !== 0) return false
  const bare = name !== '' && !name.includes('.') && neighbourTypes.has(type)
  return message.id === 0 || (bare && message.additionals === 0) || isNeighbour(message)
}

function isNetbios(name: string): boolean {
  const [label] = name.split('.', 1)
  if (label.length !== netbiosLength) return false
  return (label.match(netbiosLetter)?.length ?? 0) >= netbiosLeast
}

/** An answer out of the blue, as of LLMNR: by a server for the name it would have authority, by any other recursion. */
function isNeighbour({ isResponse, rcode, answers, flags }: Message): boolean {
  return isResponse && rcode === 0 && answers > 0 && (flags & (authoritative | recursive)) === 0
}

/** What is cut by the snapshot length, or does not end where its records do, must look usual in all else. */
function isUsual(message: Message, question: Question): boolean {
  const { answers, authorities, additionals, flags } = message
  if (!isKnownOpcode(message.opcode) || !isKnownType(question.type)) return false
  if (message.questions !== 1 || (flags & reservedFlag) !== 0) return false
  if (message.isResponse) return Math.max(answers, authorities, additionals) <= claimsMax
  return message.rcode === 0 && answers === 0 && authorities <= 1 && additionals <= 2
}
