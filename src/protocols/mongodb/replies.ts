import { int32le } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import { latin1 } from '#lib/text.ts'
import { serverSide } from '#model/side.ts'
import { emptyAnswer } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { bsonArray, bsonDocument, bsonString, eachElement, isTrue, wholeNumber } from './bson.ts'
import { nameOf, outcomeOf } from './codes.ts'
import { isHello } from './commands.ts'
import { cursorNotFound, moreToCome, opMsg, opReply, queryFailure } from './header.ts'
import { type Element, isNamed, type Message, Messages, type Reader } from './messages.ts'
import { kinds } from './requests.ts'

/** Bytes of an error within a reply that are looked at. */
const errorBytesMax = 1024
/** Bytes of an error's name, with its length before them. */
const codeNameBytesMax = 4 + 64
const numberBytesMax = 8

/** Elements of a reply that say how it went. */
const telling = ['ok', 'err', 'code', 'codeName', 'writeErrors', 'writeConcernError'] as const
type Telling = (typeof telling)[number]

/** The same by the length of their names. */
const tellingByLength: (readonly (readonly [Telling, Buffer])[])[] = []
for (const name of telling) {
  tellingByLength[name.length] = [
    ...(tellingByLength[name.length] ?? []),
    [name, Buffer.from(name)],
  ]
}

const codeNameText = (bytes: Uint8Array, start: number, end: number) => {
  const text = latin1(bytes, start, end)
  return /^[A-Za-z]\w*$/.test(text) ? text : ''
}

/** A request that allowed more than one reply, each to the one before, and what came so far. */
interface Exhaust {
  readonly number: number
  lastId: number
  bytes: number
  gap: boolean
}

/**
 * Reads replies: `ok` says whether the command was carried out, `code` and `codeName` why not; of writes some may have
 * failed all the same (`writeErrors`), or are not as safe as was asked (`writeConcernError`). Data is not looked at.
 */
export class Replies implements Reader {
  readonly messages = new Messages(serverSide, this)
  /** When bytes were lost last. */
  lostUs = 0

  readonly #pairs: PairsByNumber
  readonly #codeNames: Interner
  readonly #answer = emptyAnswer()
  #telling: Telling = 'ok'
  #ok = true
  #code = 0
  #codeName = ''
  /** Of what was carried out: the name of what failed in it. */
  #failed = ''
  /** The write before this `getLastError` failed: `code` says how. */
  #wroteBadly = false
  #exhaust: Exhaust | undefined

  constructor(pairs: PairsByNumber, { interners }: DecoderOptions) {
    this.#pairs = pairs
    this.#codeNames = interners.named('mongodb code name', codeNameText)
  }

  begin(): void {
    this.#ok = true
    this.#code = 0
    this.#codeName = ''
    this.#failed = ''
    this.#wroteBadly = false
  }

  namespace(): boolean {
    return false
  }

  readsReply({ responseTo, flags }: Message): boolean {
    if ((flags & queryFailure) !== 0) return true
    return this.#pairs.waiting(responseTo)?.kind === kinds.command
  }

  needs(element: Element): number {
    const candidates = tellingByLength[element.nameEnd - element.nameStart]
    if (!candidates) return -1
    for (const [name, bytes] of candidates) {
      if (!isNamed(element, bytes)) continue
      this.#telling = name
      return neededOf(name, element.type)
    }
    return -1
  }

  read({ bytes, type, valueStart, valueEnd }: Element): boolean {
    const name = this.#telling
    if (name === 'ok') this.#ok = isTrue(bytes, valueStart, valueEnd)
    else if (name === 'code') this.#code = wholeNumber(type, bytes, valueStart, valueEnd)
    else if (name === 'codeName') this.#codeName = this.#text(bytes, valueStart, valueEnd)
    else if (name === 'err') this.#wroteBadly = true
    else if (name === 'writeConcernError') this.#error(bytes, valueStart, valueEnd)
    else {
      eachElement(bytes, valueStart, valueEnd, (_, type, start, end) => {
        if (type === bsonDocument) this.#error(bytes, start, end)
        return true
      })
    }
    return true
  }

  end(message: Message, isRead: boolean, endUs: number): void {
    const { id, responseTo, length, gap, startUs } = message
    const exhaust = this.#exhaust?.lastId === responseTo ? this.#exhaust : undefined
    const number = exhaust?.number ?? responseTo
    const bytes = length + (exhaust?.bytes ?? 0)
    const wasGap = gap || (exhaust?.gap ?? false)
    if (this.#mayFollow(message, number)) {
      this.#exhaust = { number, lastId: id, bytes, gap: wasGap }
      return
    }
    if (exhaust) this.#exhaust = undefined
    const error = isRead ? this.#errorOf(message) : ''
    const answer = this.#answer
    answer.status = isRead ? error || 'OK' : undefined
    answer.outcome = error === '' ? 'ok' : outcomeOf(error)
    answer.startUs = startUs
    answer.endUs = endUs
    answer.bytes = bytes
    answer.gap = wasGap
    this.#pairs.answer(number, answer)
  }

  /** Replies that were lost may have been to any request before; the one at hand surely came, whatever it said. */
  broken(message: Message | undefined, lost: boolean): void {
    const { lastUs } = this.messages.stream
    this.#pairs.lose(lost ? this.lostUs : lastUs)
    if (message && lost) this.#tell(message.responseTo, message.length, this.lostUs, true)
  }

  /** The client has had enough of the replies that follow each other: it closes the connection. */
  close(endUs: number): void {
    if (!this.#exhaust) return
    const { number, bytes, gap } = this.#exhaust
    this.#tell(number, bytes, endUs, gap)
  }

  #tell(number: number, bytes: number, endUs: number, gap: boolean): void {
    this.#pairs.answer(number, {
      status: undefined,
      outcome: 'ok',
      startUs: endUs,
      endUs,
      bytes,
      gap,
    })
  }

  /** More of the answer follows. A handshake is answered once: what the server tells later, it tells unasked. */
  #mayFollow({ opcode, flags }: Message, number: number): boolean {
    if (opcode !== opMsg || (flags & moreToCome) === 0) return false
    const asked = this.#pairs.waiting(number)
    return asked !== undefined && !isHello(asked.method)
  }

  /** What went wrong, or nothing. */
  #errorOf({ opcode, flags }: Message): string {
    if (opcode === opReply && (flags & cursorNotFound) !== 0) return 'CursorNotFound'
    const isFailure = opcode === opReply && (flags & queryFailure) !== 0
    if (!this.#ok || isFailure || this.#wroteBadly) return this.#codeName || nameOf(this.#code)
    return this.#failed
  }

  /** `{code: 11000, codeName: 'DuplicateKey', ...}`; the first one counts. */
  #error(bytes: Uint8Array, start: number, end: number): void {
    let code = 0
    let codeName = ''
    eachElement(bytes, start, end, (name, type, valueStart, valueEnd) => {
      if (name === 'code') code = wholeNumber(type, bytes, valueStart, valueEnd)
      if (name === 'codeName' && type === bsonString) {
        codeName = this.#text(bytes, valueStart, valueEnd)
      }
      return codeName !== ''
    })
    this.#failed ||= codeName || nameOf(code)
  }

  #text(bytes: Uint8Array, valueStart: number, valueEnd: number): string {
    const end = Math.min(valueEnd, valueStart + 4 + int32le(bytes, valueStart) - 1)
    return this.#codeNames.text(bytes, valueStart + 4, end)
  }
}

/** How much of a value matters; less than 0: it is of another type. */
function neededOf(name: Telling, type: number): number {
  if (name === 'ok' || name === 'code') return numberBytesMax
  if (name === 'err') return type === bsonString ? 0 : -1
  if (name === 'codeName') return type === bsonString ? codeNameBytesMax : -1
  if (name === 'writeErrors') return type === bsonArray ? errorBytesMax : -1
  return type === bsonDocument ? errorBytesMax : -1
}
