import { ByteReader } from '#lib/byte-reader.ts'
import type { Interner } from '#lib/intern.ts'
import { latin1 } from '#lib/text.ts'
import { serverSide } from '#model/side.ts'
import type { Outcome } from '#model/transaction.ts'
import { emptyAnswer } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { errorOf } from './codes.ts'
import { eventTypes, type Header, opcodes, resultKinds, skipPrefix } from './envelope.ts'
import { type Body, Envelopes, type Reader } from './envelopes.ts'
import { kinds } from './requests.ts'
import type { Statements } from './statements.ts'

/** Bytes that are looked at: of an error, of the answer to a PREPARE (warnings may come first), of an event. */
const errorBytesMax = 16 * 1024
const preparedBytesMax = 16 * 1024
const eventBytesMax = 64

const eventText = (bytes: Uint8Array, start: number, end: number) => {
  const text = latin1(bytes, start, end)
  return /^[A-Z_]+$/.test(text) ? text : ''
}

/**
 * Reads replies: errors have a code, everything else is well. Events, which the server tells of its own accord to who
 * registered for them, are told as they are. Rows are not looked at.
 */
export class Replies implements Reader {
  readonly envelopes = new Envelopes(serverSide, this)
  /** When bytes were lost last. */
  lostUs = 0

  readonly #pairs: PairsByNumber
  readonly #statements: Statements
  readonly #events: Interner
  readonly #reader = new ByteReader()
  readonly #answer = emptyAnswer()
  #status = ''
  #outcome: Outcome = 'ok'
  #event = ''

  constructor(pairs: PairsByNumber, statements: Statements, { interners }: DecoderOptions) {
    this.#pairs = pairs
    this.#statements = statements
    this.#events = interners.named('cassandra event', eventText)
  }

  needs({ opcode, stream }: Header): number {
    this.#event = ''
    this.#status = opcode === opcodes.error ? 'ERROR' : 'OK'
    this.#outcome = opcode === opcodes.error ? 'error' : 'ok'
    if (opcode === opcodes.error) return errorBytesMax
    if (opcode === opcodes.event) return eventBytesMax
    const isPrepared =
      opcode === opcodes.result && this.#pairs.waiting(stream)?.kind === kinds.prepare
    return isPrepared ? preparedBytesMax : 0
  }

  read(header: Header, _startUs: number, body: Body | undefined): void {
    if (!body) return
    const reader = this.#reader.reset(body.bytes, body.start, body.end)
    skipPrefix(serverSide, header, reader)
    if (header.opcode === opcodes.error) this.#error(reader)
    else if (header.opcode === opcodes.event) this.#readEvent(reader)
    else if (header.opcode === opcodes.result) this.#prepared(header, reader)
  }

  end(header: Header, startUs: number, endUs: number, gap: boolean): void {
    const bytes = header.headerBytes + header.length
    if (header.opcode === opcodes.event) {
      this.#pairs.say('EVENT', this.#event, startUs, bytes, gap)
      return
    }
    const answer = this.#answer
    answer.status = this.#status
    answer.outcome = this.#outcome
    answer.startUs = startUs
    answer.endUs = endUs
    answer.bytes = bytes
    answer.gap = gap
    this.#pairs.answer(header.stream, answer)
  }

  /** An answer that lost bytes of its own surely came, and its header says how it went. */
  broken(header: Header | undefined, startUs: number, lost: boolean): void {
    const timeUs = Math.max(this.lostUs, this.envelopes.lastUs)
    this.#pairs.lose(timeUs)
    if (header && lost && header.opcode !== opcodes.event) this.end(header, startUs, timeUs, true)
  }

  #error(reader: ByteReader): void {
    const code = reader.i32()
    if (!reader.short) [this.#status, this.#outcome] = errorOf(code)
  }

  /** `STATUS_CHANGE DOWN`: its type, and what changed how. */
  #readEvent(reader: ByteReader): void {
    const type = this.#word(reader)
    if (!eventTypes.has(type)) return
    this.#event = `${type} ${this.#word(reader)}`.trimEnd()
  }

  #word(reader: ByteReader): string {
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    return this.#events.text(reader.bytes, start, reader.at)
  }

  #prepared({ stream }: Header, reader: ByteReader): void {
    if (reader.i32() !== resultKinds.prepared) return
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    const asked = this.#pairs.waiting(stream)
    if (reader.short || length === 0 || asked?.kind !== kinds.prepare) return
    this.#statements.prepare(reader.bytes, start, reader.at, asked.resource)
  }
}
