import type { Interner } from '#lib/intern.ts'
import {
  mayHoldPassword,
  normaliseSql,
  normalVerb,
  type SqlDialect,
  sqlReadMax,
  sqlShownMax,
} from '#lib/sql.ts'
import { cut, utf8 } from '#lib/text.ts'
import type { Statement } from './prepared.ts'
import type { DecoderOptions } from './protocol.ts'

/** Reads statements as they are told: with literals replaced, or, raw, as they are but for those that may hold a password. */
export class StatementReader {
  /** Characters of a statement, or of several together, that are shown. */
  readonly shownMax: number
  readonly #texts: Interner
  readonly #verbs: Interner

  /** `verbOf`: the verb of a statement whose literals are replaced. */
  constructor(
    protocol: string,
    dialect: SqlDialect,
    { raw, interners }: DecoderOptions,
    verbOf: (normal: string) => string = normalVerb,
  ) {
    const normal = (bytes: Uint8Array, start: number, end: number) =>
      normaliseSql(utf8(bytes, start, end), dialect)
    const asItIs = (bytes: Uint8Array, start: number, end: number) => {
      const text = utf8(bytes, start, end)
      return mayHoldPassword(text) ? normaliseSql(text, dialect) : cut(text, sqlReadMax)
    }
    this.shownMax = raw ? sqlReadMax : sqlShownMax
    this.#texts = raw
      ? interners.named(`${protocol} raw statement`, asItIs)
      : interners.named(`${protocol} statement`, normal)
    this.#verbs = interners.named(`${protocol} verb`, (bytes, start, end) =>
      verbOf(normal(bytes, start, end)),
    )
  }

  read(bytes: Uint8Array, start: number, end: number): Statement {
    return {
      text: this.#texts.text(bytes, start, end),
      verb: this.#verbs.text(bytes, start, end),
    }
  }
}
