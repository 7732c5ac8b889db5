import type { ByteReader } from '#lib/byte-reader.ts'
import { readName, skipName } from './name.ts'

/** Questions of one message that are stepped over; real ones hold one. */
const questionsMax = 4

/** What was asked: the name, and type and class as numbers. */
export interface Question {
  readonly name: string
  readonly type: number
  readonly class: number
}

/** A DNS message (RFC 1035 section 4) up to its records. Counts are those the header claims. */
export interface Message {
  readonly id: number
  readonly isResponse: boolean
  readonly opcode: number
  /** AA, TC, RD, RA, Z, AD, CD as in the header's second pair of bytes. */
  readonly flags: number
  /** The header's four bits; EDNS may extend them (`readRecords`). */
  readonly rcode: number
  /** The first question; undefined when there is none. */
  readonly question: Question | undefined
  readonly questions: number
  readonly answers: number
  readonly authorities: number
  readonly additionals: number
}

export const headerBytes = 12
export const authoritative = 0x0400
export const truncated = 0x0200
export const recursionDesired = 0x0100
export const recursive = 0x0080
export const reservedFlag = 0x0040

/**
 * Reads header and questions of the message that begins at the cursor; the cursor is then at the first record.
 * Undefined when it is no message, or cut before the questions end.
 */
export function readMessage(reader: ByteReader): Message | undefined {
  const start = reader.at
  const id = reader.u16()
  const flags = reader.u16()
  const questions = reader.u16()
  const answers = reader.u16()
  const authorities = reader.u16()
  const additionals = reader.u16()
  if (reader.short || questions > questionsMax) return undefined
  const question = questions > 0 ? readQuestion(reader, start) : undefined
  for (let i = 1; i < questions; i++) skipQuestion(reader)
  if (reader.short) return undefined
  const opcode = (flags >> 11) & 15
  const isResponse = flags >= 0x8000
  const rcode = flags & 15
  return {
    id,
    isResponse,
    opcode,
    flags,
    rcode,
    question,
    questions,
    answers,
    authorities,
    additionals,
  }
}

function readQuestion(reader: ByteReader, start: number): Question {
  return { name: readName(reader, start), type: reader.u16(), class: reader.u16() }
}

function skipQuestion(reader: ByteReader): void {
  skipName(reader)
  reader.skip(4)
}
