/**
 * SQL statements as an access log may hold them: literals replaced by `?`, comments and needless space gone, lists
 * of values folded, so that statements that differ only in values are one text. It reads SQL as a lexer does,
 * never as a parser: unknown syntax passes through, an unclosed literal swallows the rest rather than leak it.
 */

/** What the servers read differently. */
export interface SqlDialect {
  /** `"x"`: a name (standard) or a string (MySQL). */
  readonly doubleQuote: 'name' | 'string'
  /** `\'` continues every string (MySQL); otherwise only in `E'...'`. */
  readonly backslash: boolean
  /** `# ...` is a comment (MySQL); otherwise an operator. */
  readonly hashComment: boolean
  /** `--` begins a comment only before a space (MySQL): `5--1` is 6. */
  readonly spacedDashes?: boolean
  /** What `/*!40101 ... *\/` holds is run (MySQL; MariaDB alone runs `/*M! ... *\/`). */
  readonly runsComments?: boolean
  /** `$tag$ ... $tag$` is a string (PostgreSQL). */
  readonly dollarQuote: boolean
  /** A UUID is a literal without quotes, and `//` begins a comment (Cassandra). */
  readonly cassandra?: boolean
}

export const postgresDialect: SqlDialect = {
  doubleQuote: 'name',
  backslash: false,
  hashComment: false,
  dollarQuote: true,
}

export const mysqlDialect: SqlDialect = {
  doubleQuote: 'string',
  backslash: true,
  hashComment: true,
  spacedDashes: true,
  runsComments: true,
  dollarQuote: false,
}

export const cqlDialect: SqlDialect = {
  doubleQuote: 'name',
  backslash: false,
  hashComment: false,
  dollarQuote: true,
  cassandra: true,
}

/** Characters of a statement that are read; what follows is dropped and shown as `…`. */
export const sqlReadMax = 16_384
/** Characters of a normal form; longer ones end in `…`. */
export const sqlShownMax = 1024

type Kind = 'space' | 'value' | 'other' | 'end'

interface Token {
  readonly kind: Kind
  readonly text: string
}

const isSpace = (c: number) => c === 32 || (c >= 9 && c <= 13)
const isDigit = (c: number) => c >= 48 && c <= 57
const isWordStart = (c: number) =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c > 127
const isWordPart = (c: number) => isWordStart(c) || isDigit(c) || c === 36

const uuidLength = 36
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const space: Token = { kind: 'space', text: ' ' }
const value: Token = { kind: 'value', text: '?' }
const end: Token = { kind: 'end', text: '' }

/** Cuts a statement into tokens; each call of `next` moves on, so it ends after at most one token a character. */
class Lexer {
  private at = 0
  /** Comments that are run and not closed yet. */
  private running = 0
  private readonly text: string
  private readonly dialect: SqlDialect

  constructor(text: string, dialect: SqlDialect) {
    this.text = text
    this.dialect = dialect
  }

  next(): Token {
    const { text, at } = this
    if (at >= text.length) return end
    const c = text.charCodeAt(at)
    if (isSpace(c) || this.startsComment(c)) return this.space()
    if (c === 39) return this.string(at, this.dialect.backslash)
    if (c === 34) return this.doubleQuoted()
    if (c === 96) return this.quotedName('`')
    if (this.dialect.cassandra && this.startsUuid()) return this.uuid()
    if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(at + 1)))) return this.number()
    if (c === 36) return this.dollar()
    if (isWordStart(c)) return this.word()
    this.at++
    return { kind: 'other', text: text[at] }
  }

  private startsComment(c: number): boolean {
    if (c !== 45 && c !== 47 && c !== 42 && c !== 35) return false
    const { text, at, dialect } = this
    const following = text.charCodeAt(at + 1)
    if (c === 45)
      return following === 45 && (!dialect.spacedDashes || !(text.charCodeAt(at + 2) > 32))
    if (c === 47) return following === 42 || (following === 47 && dialect.cassandra === true)
    if (c === 42) return following === 47 && this.running > 0
    return dialect.hashComment
  }

  /** Runs of space and comments, as one space. */
  private space(): Token {
    const { text } = this
    while (this.at < text.length) {
      const c = text.charCodeAt(this.at)
      if (isSpace(c)) this.at++
      else if (!this.startsComment(c)) break
      else if (c === 42) this.leaveComment()
      else if (c === 47 && text.charCodeAt(this.at + 1) === 42) this.enterComment()
      else this.skipPast('\n', this.at + 1)
    }
    return space
  }

  /** The first hyphen of a UUID is looked for before the rest. */
  private startsUuid(): boolean {
    const { text, at } = this
    return text.charCodeAt(at + 8) === 45 && uuid.test(text.slice(at, at + uuidLength))
  }

  private uuid(): Token {
    this.at += uuidLength
    return value
  }

  /** Passes over a comment, or only over the mark that opens one that is run. */
  private enterComment(): void {
    const mark = this.dialect.runsComments ? runMark(this.text, this.at) : 0
    if (mark > 0) {
      this.running++
      this.at += mark
    } else this.skipBlockComment()
  }

  private leaveComment(): void {
    this.running--
    this.at += 2
  }

  /** Block comments nest in PostgreSQL; MySQL's never hold another opening, so nesting reads both. */
  private skipBlockComment(): void {
    const { text } = this
    let depth = 1
    this.at += 2
    while (depth > 0 && this.at < text.length) {
      const c = text.charCodeAt(this.at)
      const following = text.charCodeAt(this.at + 1)
      if (c === 47 && following === 42) {
        depth++
        this.at += 2
      } else if (c === 42 && following === 47) {
        depth--
        this.at += 2
      } else {
        this.at++
      }
    }
  }

  private skipPast(mark: string, from: number): void {
    const found = this.text.indexOf(mark, from)
    this.at = found < 0 ? this.text.length : found + mark.length
  }

  /** A string whose opening quote is at `open`; a doubled quote continues it. */
  private string(open: number, backslash: boolean): Token {
    const { text } = this
    const quote = text.charCodeAt(open)
    let at = open + 1
    while (at < text.length) {
      const c = text.charCodeAt(at)
      if (c === 92 && backslash) at += 2
      else if (c !== quote) at++
      else if (text.charCodeAt(at + 1) === quote) at += 2
      else break
    }
    this.at = at + 1
    return value
  }

  private doubleQuoted(): Token {
    if (this.dialect.doubleQuote === 'string') return this.string(this.at, this.dialect.backslash)
    return this.quotedName('"')
  }

  private quotedName(quote: string): Token {
    const from = this.at
    this.skipPast(quote, from + 1)
    while (this.text[this.at] === quote) this.skipPast(quote, this.at + 1)
    return { kind: 'other', text: this.text.slice(from, this.at) }
  }

  /** `12`, `1.5`, `.5`, `1e-9`, `0xff`, `1_000`; what else sticks to it belongs to it. */
  private number(): Token {
    const { text } = this
    while (this.at < text.length) {
      const c = text.charCodeAt(this.at)
      const exponentSign =
        (c === 43 || c === 45) && (text.charCodeAt(this.at - 1) | 32) === 101 && this.at > 0
      if (!isWordPart(c) && c !== 46 && !exponentSign) break
      this.at++
    }
    return value
  }

  /** `$1` is a parameter and stays; `$$ ... $$` and `$tag$ ... $tag$` are strings. */
  private dollar(): Token {
    const { text, at } = this
    let past = at + 1
    if (isDigit(text.charCodeAt(past))) {
      while (isDigit(text.charCodeAt(past))) past++
      this.at = past
      return { kind: 'other', text: text.slice(at, past) }
    }
    while (isWordStart(text.charCodeAt(past)) || isDigit(text.charCodeAt(past))) past++
    if (!this.dialect.dollarQuote || text.charCodeAt(past) !== 36) {
      this.at++
      return { kind: 'other', text: '$' }
    }
    this.skipPast(text.slice(at, past + 1), past + 1)
    return value
  }

  private word(): Token {
    const { text, at } = this
    let past = at + 1
    while (isWordPart(text.charCodeAt(past))) past++
    const word = text.slice(at, past)
    const opens = this.literalPrefix(word, past)
    if (opens !== undefined) return this.string(opens, this.dialect.backslash || /^e$/i.test(word))
    this.at = past
    return { kind: 'other', text: word }
  }

  /** Where the quote of `E'..'`, `B'..'`, `X'..'`, `N'..'`, `U&'..'` or `_utf8'..'` opens. */
  private literalPrefix(word: string, past: number): number | undefined {
    const { text } = this
    if (text.charCodeAt(past) === 39 && (/^[ebxn]$/i.test(word) || word[0] === '_')) return past
    if (/^u$/i.test(word) && text.startsWith("&'", past)) return past + 1
    return undefined
  }
}

/** Characters of the mark `/*!40101` or `/*M!100201` at an index; 0 when there is none. */
function runMark(text: string, at: number): number {
  return /^\/\*M?!\d{0,6}/.exec(text.slice(at, at + 12))?.[0].length ?? 0
}

/** The normal form of a statement, at most `sqlShownMax` characters. */
export function normaliseSql(statement: string, dialect: SqlDialect): string {
  const cut = statement.length > sqlReadMax
  const lexer = new Lexer(cut ? statement.slice(0, sqlReadMax) : statement, dialect)
  const parts: string[] = []
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token === space && (parts.length === 0 || parts.at(-1) === ' ')) continue
    if (token === value && endsInSign(parts)) parts.pop()
    parts.push(token.text)
  }
  const normal = foldLists(parts.join('')).replace(/[\s;]+$/, '')
  return cut ? bounded(`${normal}…`) : bounded(normal)
}

/** A text of at most `sqlShownMax` characters. */
function bounded(text: string): string {
  return text.length > sqlShownMax ? `${text.slice(0, sqlShownMax - 1)}…` : text
}

const operators = new Set('=<>(,[*/%|&^+-')

/** A minus is a sign only where no operand can stand before it: after another mark. */
function endsInSign(parts: readonly string[]): boolean {
  const last = parts.at(-1)
  if (last !== '-' && last !== '+') return false
  const before = parts.at(-2)
  return operators.has((before === ' ' ? parts.at(-3) : before) ?? '')
}

const listOfValues = /\b(IN ?|ARRAY ?)([([]) ?(?:(?:\?|\$\d+) ?, ?)*(?:\?|\$\d+)?(?: ?[)\]]|$)/gi
const rowsOfValues =
  /(\bVALUES ?\((?:[^()]|\([^()]*\))*\))(?: ?, ?\((?:[^()]|\([^()]*\))*\))+(?: ?, ?\([^()]*$)?/gi

const mayHoldList = /\bIN\b|\bARRAY\b|\bVALUES\b/i

/** `IN (?, ?, ?)` and `ARRAY[?, ?]` hold one value, `VALUES` one row: how many there were is not what was asked. */
function foldLists(text: string): string {
  if (!mayHoldList.test(text)) return text
  return text
    .replace(
      listOfValues,
      (_, word: string, open: string) => `${word}${open}?${open === '(' ? ')' : ']'}`,
    )
    .replace(rowsOfValues, '$1')
}

/** Characters of a verb: of PostgreSQL's, CREATE_REPLICATION_SLOT is the longest. */
const verbMax = 32

/** Words that only frame the statement that does the work. */
const framing = new Set([
  'BEGIN',
  'START',
  'SAVEPOINT',
  'RELEASE',
  'SET',
  'COMMIT',
  'ROLLBACK',
  'END',
])

/** First word of a statement, upper-case, `''` when it has none: `SELECT`. Bounded; comments are stepped over. */
export function sqlVerb(statement: string): string {
  const lead = /^(?:[\s(;]|--[^\n]*\n?|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*\n?)*/.exec(statement)!
  return (
    /^[a-z_]+/i
      .exec(statement.slice(lead[0].length, lead[0].length + verbMax))?.[0]
      .toUpperCase() ?? ''
  )
}

/** The verb of a normal form, which may hold several statements: there a `;` surely parts them. */
export function normalVerb(normal: string): string {
  return normal.includes(';') ? mainVerb(normal.split(';').map(sqlVerb)) : sqlVerb(normal)
}

/** True when a statement may set a password, or ask for one: it is never shown as it is. */
export function mayHoldPassword(statement: string): boolean {
  return /passw(?:or)?d|identified/i.test(statement)
}

/** The verb of several statements sent as one: the first that does more than frame the others. */
export function mainVerb(verbs: readonly string[]): string {
  return verbs.find(verb => verb !== '' && !framing.has(verb)) ?? verbs[0] ?? ''
}
