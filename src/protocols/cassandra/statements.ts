import type { Interner } from '#lib/intern.ts'
import { cqlDialect, normaliseSql, sqlReadMax, sqlShownMax, sqlVerb } from '#lib/sql.ts'
import { cut, latin1, utf8 } from '#lib/text.ts'
import { Prepared, type Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'

/** Statements of one batch that are shown, and characters of a raw one. */
const batchShownMax = 16
const rawMax = sqlReadMax

const normal = (bytes: Uint8Array, start: number, end: number) =>
  normaliseSql(utf8(bytes, start, end), cqlDialect)

/** Passwords are not even shown raw. */
const raw = (bytes: Uint8Array, start: number, end: number) => {
  const text = utf8(bytes, start, end)
  return /password/i.test(text) ? normaliseSql(text, cqlDialect) : cut(text, rawMax)
}

/** `BEGIN UNLOGGED BATCH ... APPLY BATCH` is one statement. */
function verbOf(text: string): string {
  const verb = sqlVerb(text)
  return verb === 'BEGIN' ? 'BATCH' : verb || 'QUERY'
}

/** Prepared on another connection, before we listened, or forgotten. */
const unseen: Statement = { text: '<prepared>', verb: 'EXECUTE' }

/** Reads statements as they are told, and remembers those that were prepared. */
export class Statements {
  readonly #texts: Interner
  readonly #ids: Interner
  readonly #shownMax: number
  readonly #prepared = new Prepared<string>()

  constructor({ raw: keeps, interners }: DecoderOptions) {
    this.#texts = keeps
      ? interners.named('cassandra raw statement', raw)
      : interners.named('cassandra statement', normal)
    this.#ids = interners.named('cassandra prepared id', latin1)
    this.#shownMax = keeps ? rawMax : sqlShownMax
  }

  get heldBytes(): number {
    return this.#prepared.heldBytes
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    const text = this.#texts.text(bytes, start, end)
    return { text, verb: verbOf(text) }
  }

  /** The server gave a statement an id. */
  prepare(bytes: Uint8Array, start: number, end: number, text: string): void {
    this.#prepared.remember(this.#ids.text(bytes, start, end), { text, verb: verbOf(text) })
  }

  /** The statement with an id. */
  prepared(bytes: Uint8Array, start: number, end: number): Statement {
    return this.#prepared.find(this.#ids.text(bytes, start, end)) ?? unseen
  }

  /** Statements of a batch as one text: one that comes again and again is shown once. */
  joined(statements: readonly Statement[]): string {
    const texts: string[] = []
    for (const { text } of statements) {
      if (texts.length < batchShownMax && texts.at(-1) !== text) texts.push(text)
    }
    return cut(texts.join('; '), this.#shownMax)
  }
}
