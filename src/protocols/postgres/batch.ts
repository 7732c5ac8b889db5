import { mainVerb } from '#lib/sql.ts'
import { cut } from '#lib/text.ts'
import type { Statement } from '../prepared.ts'

/** Statements of one batch that are shown. */
const shownMax = 16
/** The messages of an extended query up to Sync or Flush: parsed, bound and executed together, answered together. */
export class Batch {
  bytes = 0
  /** Messages that are answered one by one, and whether the client wants these answers now. */
  parts = 0
  flushed = false
  startUs: number | undefined
  gap = false
  #parsed: Statement[] = []
  #executed: Statement[] = []
  #closed = false
  readonly #resourceMax: number

  /** `resourceMax`: characters of all its statements as they are told. */
  constructor(resourceMax: number) {
    this.#resourceMax = resourceMax
  }

  get isEmpty(): boolean {
    return this.startUs === undefined
  }

  add(size: number, timeUs: number): void {
    this.bytes += size
    this.startUs ??= timeUs
  }

  parsed(statement: Statement): void {
    keep(this.#parsed, statement)
  }

  executed(statement: Statement): void {
    keep(this.#executed, statement)
  }

  closed(): void {
    this.#closed = true
  }

  /** Statements that were only parsed are prepared; without any, the messages name themselves. */
  get method(): string {
    if (this.#executed.length > 0) return mainVerb(this.#executed.map(({ verb }) => verb))
    if (this.#parsed.length > 0) return 'PREPARE'
    return this.#closed ? 'DEALLOCATE' : 'Sync'
  }

  get resource(): string {
    const statements = this.#executed.length > 0 ? this.#executed : this.#parsed
    return cut(statements.map(({ text }) => text).join('; '), this.#resourceMax)
  }

  clear(): void {
    this.bytes = 0
    this.parts = 0
    this.flushed = false
    this.startUs = undefined
    this.gap = false
    this.#parsed = []
    this.#executed = []
    this.#closed = false
  }
}

/** A statement that is run again and again is shown once. */
function keep(list: Statement[], statement: Statement): void {
  if (list.length < shownMax && list.at(-1)?.text !== statement.text) list.push(statement)
}
