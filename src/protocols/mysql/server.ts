import { ByteReader } from '#lib/byte-reader.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { readGreeting } from './login.ts'
import { eofMax, headBytes, lengthAt, lengthMax, marks, okMin } from './packet.ts'
import { columnCount, readError } from './reply.ts'
import { findPacket } from './resync.ts'
import type { Session } from './session.ts'

/** Bytes of a packet that are read; one that greets or ends an answer has no more. */
const readMax = 1024
/** Any number may follow. */
const anyNumber = -1

/** What the server says. */
export class ServerPackets implements Frames {
  stream = new Stream(this)
  /** What is lost now is only compressed. */
  hiding = false
  readonly #session: Session
  readonly #reader = new ByteReader()
  #continues = false
  /** Number of the next packet of the answer at hand. */
  #number = anyNumber

  constructor(session: Session) {
    this.#session = session
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { reply } = this.#session
    if (reply.isInRows && !this.#continues) {
      const past = this.#rows(bytes, start, end)
      if (past > start) return past - start
    }
    if (end - start < headBytes) return needMore
    const length = lengthAt(bytes, start)
    if (this.#continues) return this.#more(length, bytes[start + 3])
    if (reply.isInRows && end - start === headBytes && length > 0) return needMore
    const isRow = reply.isInRows && bytes[start + headBytes] < marks.end
    const needed = isRow ? 0 : Math.min(length, readMax)
    if (end - start < headBytes + needed) return needMore
    return this.#packet(bytes, start, length, needed)
  }

  skipped(): void {
    const { reply } = this.#session
    if (this.stream.gapped && reply.isOpen) reply.gap = true
    this.stream.gapped = false
    if (reply.isOpen) reply.endUs = this.stream.lastUs
  }

  broken(): void {
    this.#continues = false
    this.#number = anyNumber
    if (!this.hiding) this.#session.loseReply()
  }

  /** A compressed packet of `size` bytes came. */
  hide(size: number): void {
    this.#continues = false
    this.#number = anyNumber
    this.#session.hideReply(size, this.stream.firstUs, this.stream.lastUs)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findPacket(bytes, start, end)
  }

  /** Passes over all whole rows: most of what servers say. Answers where it ends. */
  #rows(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    let number = this.#number
    while (end - at > headBytes) {
      const length = lengthAt(bytes, at)
      const past = at + headBytes + length
      if (past > end || length === 0 || length === lengthMax) break
      if (bytes[at + headBytes] >= marks.end || (number !== anyNumber && bytes[at + 3] !== number))
        break
      number = (bytes[at + 3] + 1) & 0xff
      at = past
    }
    if (at === start) return at
    this.#number = number
    const { reply } = this.#session
    if (this.stream.gapped) reply.gap = true
    this.stream.gapped = false
    reply.count(at - start, this.stream.firstUs, this.stream.lastUs)
    return at
  }

  #more(length: number, number: number): number {
    this.#continues = length === lengthMax
    this.#number = (number + 1) & 0xff
    const { reply } = this.#session
    if (reply.isOpen) reply.count(headBytes + length, this.stream.firstUs, this.stream.lastUs)
    this.stream.skip(length)
    return headBytes
  }

  #packet(bytes: Uint8Array, start: number, length: number, needed: number): number {
    const session = this.#session
    const at = start + headBytes
    const number = bytes[start + 3]
    if (session.reply.isComplete && !this.#isEofBehind(bytes, at, length, number)) session.finish()
    if (session.isIdle && number === 0) {
      if (!session.streaming && !this.#greets(bytes, at, length, needed)) return notMine
    } else if (session.isIdle && session.streaming) this.#number = anyNumber
    else if (!this.#answers(bytes, at, length, number)) return notMine
    this.#continues = length === lengthMax
    this.stream.skip(length - needed)
    return headBytes + needed
  }

  /** EOF behind an answer that is complete but for it. */
  #isEofBehind(bytes: Uint8Array, at: number, length: number, number: number): boolean {
    return bytes[at] === marks.end && length <= eofMax && number === this.#number
  }

  /** What the server says before anybody asks, and when it is tired of waiting. */
  #greets(bytes: Uint8Array, at: number, length: number, needed: number): boolean {
    const session = this.#session
    if (needed > 0 && bytes[at] === marks.error) {
      const { position, firstUs } = this.stream
      if (position > 0 || session.commanded) return true
      session.refused(readError(bytes, at, length), firstUs, headBytes + length)
      return true
    }
    const greeting = readGreeting(this.#reader.reset(bytes, at, at + needed))
    if (greeting) session.greeted(greeting.capabilities)
    return greeting !== undefined
  }

  /** A packet of an answer; false when it cannot be. */
  #answers(bytes: Uint8Array, at: number, length: number, number: number): boolean {
    const session = this.#session
    const { reply } = session
    const { firstUs, lastUs } = this.stream
    const begins = number === 1 && mayBegin(bytes, at, length)
    if (reply.isUnknown && begins && session.isAsked(firstUs)) reply.close()
    else if (reply.isOpen && this.#number !== anyNumber && this.#number !== number) return false
    if (!reply.isOpen && !session.begin(number, firstUs)) return false
    const verdict = reply.take(bytes, at, length)
    if (verdict === 'foreign') return false
    if (this.stream.gapped) reply.gap = true
    this.stream.gapped = false
    reply.count(headBytes + length, firstUs, lastUs)
    this.#number = reply.isTalk ? anyNumber : (number + 1) & 0xff
    if (verdict === 'done') session.finish()
    else if (reply.wantsFile) this.#awaitFile()
    return true
  }

  /** The numbers go on from those of the file that the client sends now. */
  #awaitFile(): void {
    this.#session.copying = true
    this.#session.reply.wantsFile = false
    this.#number = anyNumber
  }
}

/** Whether a packet looks like the first of an answer. */
function mayBegin(bytes: Uint8Array, at: number, length: number): boolean {
  if (length === 0) return false
  if (bytes[at] === marks.error) return length >= 3
  return bytes[at] === marks.ok ? length >= okMin : columnCount(bytes, at, length) > 0
}
