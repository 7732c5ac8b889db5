import type { Interner } from '#lib/intern.ts'
import { mayHoldPassword, normaliseSql, normalVerb, postgresDialect } from '#lib/sql.ts'
import { cut, utf8 } from '#lib/text.ts'
import { Prepared, type Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'

/** Characters of a raw resource. */
export const rawMax = 16_384

const normal = (bytes: Uint8Array, start: number, end: number) =>
  normaliseSql(utf8(bytes, start, end), postgresDialect)

/** As it is, but for passwords. */
function raw(bytes: Uint8Array, start: number, end: number): string {
  const text = utf8(bytes, start, end)
  return mayHoldPassword(text) ? normaliseSql(text, postgresDialect) : cut(text, rawMax)
}

const verb = (bytes: Uint8Array, start: number, end: number) =>
  normalVerb(normal(bytes, start, end))

/** Reads statements as they are told, and remembers those that were given a name. */
export class Statements {
  readonly #texts: Interner
  readonly #verbs: Interner
  readonly #prepared = new Prepared<string>()
  readonly #portals = new Prepared<string>()

  constructor({ raw: keeps, interners }: DecoderOptions) {
    this.#texts = keeps
      ? interners.named('postgres raw statement', raw)
      : interners.named('postgres statement', normal)
    this.#verbs = interners.named('postgres verb', verb)
  }

  /** About the memory that remembered statements take. */
  get heldBytes(): number {
    return this.#prepared.heldBytes + this.#portals.heldBytes
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return {
      text: this.#texts.text(bytes, start, end),
      verb: this.#verbs.text(bytes, start, end),
    }
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
