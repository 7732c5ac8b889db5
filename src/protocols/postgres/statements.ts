import { postgresDialect } from '#lib/sql.ts'
import { cut } from '#lib/text.ts'
import { Prepared, type Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'
import { StatementReader } from '../statement-reader.ts'

/** Reads statements as they are told, and remembers those that were given a name. */
export class Statements {
  readonly #reader: StatementReader
  readonly #prepared = new Prepared<string>()
  readonly #portals = new Prepared<string>()

  constructor(options: DecoderOptions) {
    this.#reader = new StatementReader('postgres', postgresDialect, options)
  }

  /** Characters of several statements that are told together. */
  get shownMax(): number {
    return this.#reader.shownMax
  }

  /** About the memory that remembered statements take. */
  get heldBytes(): number {
    return this.#prepared.heldBytes + this.#portals.heldBytes
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return this.#reader.read(bytes, start, end)
  }

  prepare(name: string, statement: Statement): void {
    this.#prepared.remember(name, statement)
  }

  bind(portal: string, name: string): void {
    this.#portals.remember(portal, this.#prepared.find(name) ?? unseen(name))
  }

  portal(name: string): Statement {
    return this.#portals.find(name) ?? unseen('')
  }

  /** Messages were lost: what has no name, or lives as short as portals do, may have been replaced. */
  lose(): void {
    this.#prepared.forget('')
    this.#portals.clear()
  }

  close(kind: 'statement' | 'portal', name: string): void {
    const names = kind === 'statement' ? this.#prepared : this.#portals
    names.forget(name)
  }
}

/** Prepared before we listened, or forgotten. */
const unseen = (name: string): Statement => ({
  text: `<prepared ${cut(name || 'unnamed', 64)}>`,
  verb: 'EXECUTE',
})
