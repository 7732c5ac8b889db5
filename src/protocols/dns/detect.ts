import { ByteReader } from '#lib/byte-reader.ts'
import { uint16 } from '#lib/bytes.ts'
import type { Transport } from '#model/flow.ts'
import type { Evidence } from '../protocol.ts'
import { isKnownOpcode, isKnownType, opcodeQuery, typeSrv } from './codes.ts'
import {
  headerBytes,
  type Message,
  type Question,
  readMessage,
  recursionDesired,
  reservedFlag,
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
 * recurse), LLMNR (one bare label, not to recurse) and NetBIOS names (32 letters A to P).
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
  if (!message?.question || !isPlausible(message.question)) return 'no'
  if (isCousin(message, message.question)) return 'no'
  const { exact } = readRecords(reader, start, message)
  if (!exact && !isUsual(message, message.question)) return 'no'
  return message.isResponse ? 'response' : 'request'
}

const printable = /^[!-~]*$/
/** NB of NetBIOS. */
const netbiosType = 32

/** Classes IN, CH, HS, NONE and ANY. */
function isPlausible({ class: kind, name, type }: Question): boolean {
  if (kind !== 1 && kind !== 3 && kind !== 4 && kind !== 254 && kind !== 255) return false
  return type !== 0 && type !== netbiosType && printable.test(name)
}

const netbios = /^[A-P]{32}(\.|$)/

function isCousin(message: Message, { name, type }: Question): boolean {
  if (type === typeSrv && netbios.test(name)) return true
  if (message.opcode !== opcodeQuery || (message.flags & recursionDesired) !== 0) return false
  const bare = name !== '' && !name.includes('.') && message.additionals === 0
  return message.id === 0 || bare
}

/** What is cut by the snapshot length, or does not end where its records do, must look usual in all else. */
function isUsual(message: Message, question: Question): boolean {
  const { answers, authorities, additionals, flags } = message
  if (!isKnownOpcode(message.opcode) || !isKnownType(question.type)) return false
  if (message.questions !== 1 || (flags & reservedFlag) !== 0) return false
  if (message.isResponse) return Math.max(answers, authorities, additionals) <= claimsMax
  return message.rcode === 0 && answers === 0 && authorities <= 1 && additionals <= 2
}
