import { mysqlDialect } from '#lib/sql.ts'
import { Prepared, type Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'
import { StatementReader } from '../statement-reader.ts'

/** MariaDB: the statement that this connection prepared last, whose identifier is not known yet. */
const lastPrepared = 0xffff_ffff

/** Reads statements as they are told, and remembers those that were prepared. */
export class Statements {
  readonly #reader: StatementReader
  readonly #prepared = new Prepared<number>()
  /** Asked to be prepared, by the number of the request; their identifiers come with the answer. */
  readonly #preparing = new Prepared<number>()
  #last: Statement | undefined

  constructor(options: DecoderOptions) {
    this.#reader = new StatementReader('mysql', mysqlDialect, options)
  }

  /** About the memory that remembered statements take. */
  get heldBytes(): number {
    return this.#prepared.heldBytes + this.#preparing.heldBytes
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return this.#reader.read(bytes, start, end)
  }

  /** A request with that number asks to prepare a statement. */
  preparing(number: number, statement: Statement): void {
    this.#last = statement
    this.#preparing.remember(number, statement)
  }

  /** That request was answered; without an identifier it was refused. */
  prepared(number: number, id: number | undefined): void {
    const statement = this.#preparing.find(number)
    this.#preparing.forget(number)
    if (statement && id !== undefined) this.#prepared.remember(id, statement)
  }

  find(id: number): Statement {
    if (id === lastPrepared) return this.#last ?? unseen('last')
    return this.#prepared.find(id) ?? unseen(`${id}`)
  }

  close(id: number): void {
    this.#prepared.forget(id)
  }

  /** The connection begins anew: nothing is prepared any more. */
  clear(): void {
    this.#prepared.clear()
    this.#preparing.clear()
  }
}

/** Prepared before we listened, or forgotten. */
const unseen = (name: string): Statement => ({ text: `<prepared ${name}>`, verb: 'EXECUTE' })
