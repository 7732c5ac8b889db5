import type { Interner } from '#lib/intern.ts'
import { cqlDialect, sqlVerb } from '#lib/sql.ts'
import { cut, latin1 } from '#lib/text.ts'
import { Prepared, type Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'
import { StatementReader } from '../statement-reader.ts'

/** Statements of one batch that are shown. */
const batchShownMax = 16

/** `BEGIN UNLOGGED BATCH ... APPLY BATCH` is one statement. */
function verbOf(text: string): string {
  const verb = sqlVerb(text)
  return verb === 'BEGIN' ? 'BATCH' : verb || 'QUERY'
}

/** Prepared on another connection, before we listened, or forgotten. */
const unseen: Statement = { text: '<prepared>', verb: 'EXECUTE' }

/** Reads statements as they are told, and remembers those that were prepared. */
export class Statements {
  readonly #reader: StatementReader
  readonly #ids: Interner
  readonly #prepared = new Prepared<string>()

  constructor(options: DecoderOptions) {
    this.#reader = new StatementReader('cassandra', cqlDialect, options, verbOf)
    this.#ids = options.interners.named('cassandra prepared id', latin1)
  }

  get heldBytes(): number {
    return this.#prepared.heldBytes
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return this.#reader.read(bytes, start, end)
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
    return cut(texts.join('; '), this.#reader.shownMax)
  }
}
