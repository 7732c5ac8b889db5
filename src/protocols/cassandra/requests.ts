import { ByteReader } from '#lib/byte-reader.ts'
import { sqlReadMax } from '#lib/sql.ts'
import { clientSide } from '#model/side.ts'
import type { Waiting } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { Statement } from '../prepared.ts'
import { flag, type Header, opcodeName, opcodes, skipPrefix } from './envelope.ts'
import { type Body, Envelopes, type Reader } from './envelopes.ts'
import type { Statements } from './statements.ts'

/** What a reply is read for, kept with its request. */
export const kinds = { other: 0, prepare: 1 } as const

/** Bytes of a body that are looked at: a statement with its length, or the id of a prepared one. */
const statementBytesMax = sqlReadMax + 16
const idBytesMax = 2 + 64
/** Statements of a batch that are looked at. */
const batchReadMax = 64

/** Bodies that are looked at. */
const needed: ReadonlyMap<number, number> = new Map([
  [opcodes.query, statementBytesMax],
  [opcodes.prepare, statementBytesMax],
  [opcodes.execute, idBytesMax],
  [opcodes.batch, statementBytesMax],
])

/** Reads requests: statements and the ids of prepared ones. Values, consistency, credentials are not looked at. */
export class Requests implements Reader {
  readonly envelopes = new Envelopes(clientSide, this)
  readonly #pairs: PairsByNumber
  readonly #statements: Statements
  readonly #reader = new ByteReader()
  #asked: Waiting | undefined

  constructor(pairs: PairsByNumber, statements: Statements) {
    this.#pairs = pairs
    this.#statements = statements
  }

  needs(header: Header): number {
    const bytes = needed.get(header.opcode) ?? 0
    return bytes > 0 && header.has(flag.payload) ? statementBytesMax : bytes
  }

  read(header: Header, startUs: number, body: Body | undefined): void {
    const { opcode } = header
    const name = opcodeName(opcode)
    if (this.needs(header) === 0) this.#ask(header, startUs, name, '')
    else if (!body) this.#ask(header, startUs, name, '<compressed>')
    else this.#readBody(header, startUs, body)
  }

  end(header: Header, startUs: number, _endUs: number, gap: boolean): void {
    if (!this.#asked) this.#ask(header, startUs, opcodeName(header.opcode), '')
    if (gap) this.#asked!.gap = true
    this.#asked = undefined
  }

  broken(): void {
    this.#asked = undefined
  }

  #readBody(header: Header, startUs: number, { bytes, start, end }: Body): void {
    const reader = this.#reader.reset(bytes, start, end)
    skipPrefix(clientSide, header, reader)
    const { opcode } = header
    if (opcode === opcodes.batch) {
      this.#ask(header, startUs, 'BATCH', this.#batch(reader))
      return
    }
    const { text, verb } = opcode === opcodes.execute ? this.#prepared(reader) : this.#text(reader)
    const isPrepare = opcode === opcodes.prepare
    this.#ask(header, startUs, isPrepare ? 'PREPARE' : verb, text)
    if (isPrepare) this.#asked!.kind = kinds.prepare
  }

  #ask(header: Header, startUs: number, method: string, resource: string): void {
    this.#asked = this.#pairs.ask(header.stream, method, resource, startUs)
    this.#asked.bytes = header.headerBytes + header.length
  }

  /** A long string, as much of it as is here. */
  #text(reader: ByteReader): Statement {
    const length = Math.max(0, Math.min(reader.i32(), reader.left))
    const start = reader.at
    reader.skip(length)
    return this.#statements.read(reader.bytes, start, start + length)
  }

  #prepared(reader: ByteReader): Statement {
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    return this.#statements.prepared(reader.bytes, start, reader.at)
  }

  /** `type 1, n 2, (kind 1, statement or id, n 2, values)` */
  #batch(reader: ByteReader): string {
    reader.skip(1)
    const statements: Statement[] = []
    for (let left = Math.min(reader.u16(), batchReadMax); left > 0 && reader.left > 0; left--) {
      const statement = reader.u8() === 0 ? this.#text(reader) : this.#prepared(reader)
      if (reader.short && statement.text === '') break
      statements.push(statement)
      for (let values = reader.u16(); values > 0 && !reader.short; values--) {
        reader.skip(Math.max(0, reader.i32()))
      }
    }
    return this.#statements.joined(statements)
  }
}
