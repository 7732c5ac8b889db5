import type { Interner } from '#lib/intern.ts'
import { mainVerb, normaliseSql, postgresDialect, sqlVerb } from '#lib/sql.ts'
import { cut, utf8 } from '#lib/text.ts'
import type { DecoderOptions } from '../protocol.ts'
import type { Statement } from './batch.ts'

/** Prepared statements, and portals, remembered per connection; beyond them the longest unused is forgotten. */
const namesMax = 512
/** Characters of a raw resource. */
export const rawMax = 16_384

const normal = (bytes: Uint8Array, start: number, end: number) =>
  normaliseSql(utf8(bytes, start, end), postgresDialect)

const raw = (bytes: Uint8Array, start: number, end: number) => cut(utf8(bytes, start, end), rawMax)

/** The verb of a normal form: there a `;` surely parts statements. */
const verbOf = (text: string) =>
  text.includes(';') ? mainVerb(text.split(';').map(sqlVerb)) : sqlVerb(text)

const rawVerb = (bytes: Uint8Array, start: number, end: number) => verbOf(normal(bytes, start, end))

/** Reads statements as they are told, and remembers those that were given a name. */
export class Statements {
  readonly #texts: Interner
  readonly #rawVerbs: Interner | undefined
  readonly #prepared = new Map<string, Statement>()
  readonly #portals = new Map<string, Statement>()

  constructor({ raw: keeps, interners }: DecoderOptions) {
    this.#texts = keeps
      ? interners.named('postgres raw statement', raw)
      : interners.named('postgres statement', normal)
    this.#rawVerbs = keeps ? interners.named('postgres raw verb', rawVerb) : undefined
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    const text = this.#texts.text(bytes, start, end)
    return { text, verb: this.#rawVerbs?.text(bytes, start, end) ?? verbOf(text) }
  }

  prepare(name: string, statement: Statement): void {
    remember(this.#prepared, name, statement)
  }

  bind(portal: string, name: string): void {
    const statement = this.#prepared.get(name)
    if (statement) remember(this.#prepared, name, statement)
    remember(this.#portals, portal, statement ?? unseen(name))
  }

  portal(name: string): Statement {
    return this.#portals.get(name) ?? unseen('')
  }

  /** Messages were lost: what has no name, or lives as short as portals do, may have been replaced. */
  lose(): void {
    this.#prepared.delete('')
    this.#portals.clear()
  }

  close(kind: 'statement' | 'portal', name: string): void {
    const names = kind === 'statement' ? this.#prepared : this.#portals
    names.delete(name)
  }
}

/** Prepared before we listened, or forgotten. */
const unseen = (name: string): Statement => ({
  text: `<prepared ${cut(name || 'unnamed', 64)}>`,
  verb: 'EXECUTE',
})

function remember(names: Map<string, Statement>, name: string, statement: Statement): void {
  names.delete(name)
  names.set(name, statement)
  if (names.size <= namesMax) return
  const [oldest] = names.keys()
  names.delete(oldest)
}
