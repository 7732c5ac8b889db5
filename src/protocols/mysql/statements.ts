import type { Interner } from '#lib/intern.ts'
import { mayHoldPassword, mysqlDialect, normaliseSql, normalVerb } from '#lib/sql.ts'
import { cut, utf8 } from '#lib/text.ts'
import type { DecoderOptions } from '../protocol.ts'

/** Prepared statements remembered per connection; beyond them the longest unused is forgotten. */
const namesMax = 512
/** From so many on it is kept in mind which were used last. */
const crowded = namesMax / 2
/** Characters of a raw resource. */
const rawMax = 16_384
/** About what an entry takes besides its text. */
const entryBytes = 128
/** Texts up to this length are shared by all connections. */
const sharedMax = 1024
/** MariaDB: the statement that this connection prepared last, whose identifier is not known yet. */
const lastPrepared = 0xffff_ffff

/** An SQL statement as it is told, and its verb. */
export interface Statement {
  readonly text: string
  readonly verb: string
}

const normal = (bytes: Uint8Array, start: number, end: number) =>
  normaliseSql(utf8(bytes, start, end), mysqlDialect)

/** As it is, but for passwords. */
function raw(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8(bytes, start, end)
  return mayHoldPassword(text) ? normaliseSql(text, mysqlDialect) : cut(text, rawMax)
}

const verb = (bytes: Uint8Array, start: number, end: number) =>
  normalVerb(normal(bytes, start, end))

/** Reads statements as they are told, and remembers those that were prepared. */
export class Statements {
  /** About the memory that remembered statements take. */
  heldBytes = 0

  readonly #texts: Interner
  readonly #verbs: Interner
  readonly #prepared = new Map<number, Statement>()
  /** Asked to be prepared, by the number of the request; their identifiers come with the answer. */
  readonly #preparing = new Map<number, Statement>()
  #last: Statement | undefined

  constructor({ raw: keeps, interners }: DecoderOptions) {
    this.#texts = keeps
      ? interners.named('mysql raw statement', raw)
      : interners.named('mysql statement', normal)
    this.#verbs = interners.named('mysql verb', verb)
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return {
      text: this.#texts.text(bytes, start, end),
      verb: this.#verbs.text(bytes, start, end),
    }
  }

  /** A request with that number asks to prepare a statement. */
  preparing(number: number, statement: Statement): void {
    this.#last = statement
    this.#remember(this.#preparing, number, statement)
  }

  /** That request was answered; without an identifier it was refused. */
  prepared(number: number, id: number | undefined): void {
    const statement = this.#preparing.get(number)
    if (!statement) return
    this.#forget(this.#preparing, number, statement)
    if (id !== undefined) this.#remember(this.#prepared, id, statement)
  }

  find(id: number): Statement {
    if (id === lastPrepared) return this.#last ?? unseen('last')
    const statement = this.#prepared.get(id)
    if (!statement) return unseen(`${id}`)
    if (this.#prepared.size > crowded) {
      this.#prepared.delete(id)
      this.#prepared.set(id, statement)
    }
    return statement
  }

  close(id: number): void {
    const statement = this.#prepared.get(id)
    if (statement) this.#forget(this.#prepared, id, statement)
  }

  /** The connection begins anew: nothing is prepared any more. */
  clear(): void {
    this.#prepared.clear()
    this.#preparing.clear()
    this.heldBytes = 0
  }

  #remember(list: Map<number, Statement>, key: number, statement: Statement): void {
    const before = list.get(key)
    if (before) this.#forget(list, key, before)
    list.set(key, statement)
    this.heldBytes += weightOf(statement)
    if (list.size <= namesMax) return
    const [[oldest, forgotten]] = list
    this.#forget(list, oldest, forgotten)
  }

  #forget(list: Map<number, Statement>, key: number, statement: Statement): void {
    list.delete(key)
    this.heldBytes -= weightOf(statement)
  }
}

const weightOf = ({ text }: Statement): number =>
  entryBytes + (text.length > sharedMax ? text.length * 2 : 0)

/** Prepared before we listened, or forgotten. */
const unseen = (name: string): Statement => ({ text: `<prepared ${name}>`, verb: 'EXECUTE' })
