import { fault } from './fault.ts'

/** What a request's address says, in ClickHouse's words (https://clickhouse.com/docs/interfaces/http). */
export interface Asked {
  /** The statement, or its beginning: the body goes on. */
  readonly query: string
  readonly defaultFormat: string
  readonly database: string | undefined
  readonly queryId: string | undefined
  /** Settings and `param_...`, to be said before the statement. */
  readonly settings: ReadonlyMap<string, string>
}

/** Names that are no settings, as in ClickHouse's src/Server/HTTPHandler.cpp; what nobody needs of them is ignored. */
const ignored = new Set([
  'user',
  'password',
  'quota_key',
  'stacktrace',
  'buffer_size',
  'wait_end_of_query',
  'client_protocol_version',
])
const named = new Set(['query', 'default_format', 'database', 'query_id'])
/** What would be done differently is refused. */
const refused = new Set(['session_id', 'session_timeout', 'role', 'compress', 'decompress'])

/** Reads an address; a request by GET changes nothing. */
export function readAsked(method: string, parameters: URLSearchParams): Asked {
  const settings = new Map<string, string>()
  for (const [name, value] of parameters) {
    if (named.has(name) || ignored.has(name)) continue
    if (refused.has(name) && value !== '0') {
      throw fault('NOT_IMPLEMENTED', `The embedded engine has no ${name}`)
    }
    if (!/^\w+$/.test(name)) throw fault('SYNTAX_ERROR', 'A setting has a bad name')
    if (!refused.has(name)) settings.set(name, value)
  }
  // The engine's own default answers before an insert is done.
  settings.set('async_insert', '0')
  if (method === 'GET') settings.set('readonly', '2')
  return {
    query: parameters.get('query') ?? '',
    defaultFormat: parameters.get('default_format') ?? 'TabSeparated',
    database: parameters.get('database') || undefined,
    queryId: parameters.get('query_id') || undefined,
    settings,
  }
}

/** `USE ...; SET a='1', b='2'; `: said on a connection before its one statement. */
export function preambleOf({ database, settings }: Asked): string {
  const pairs = [...settings].map(([name, value]) => `${name}=${quoted(value)}`)
  return `${database ? `USE ${nameOf(database)}; ` : ''}SET ${pairs.join(', ')}; `
}

/** A text as a literal. */
export const quoted = (text: string): string =>
  `'${text.replace(/[\\']/g, character => `\\${character}`)}'`

const nameOf = (name: string): string =>
  `\`${name.replace(/[\\`]/g, character => `\\${character}`)}\``

/** An insert whose data is the body: all that stands before FORMAT, and the format. */
export interface Insert {
  readonly into: string
  readonly settings: string
  readonly format: string
}

const insertShape =
  /^\s*INSERT\s+INTO\s+((?:TABLE\s+)?(?:[\w.]|`[^`]+`|"[^"]+")+\s*(?:\([^()]*\))?)\s*(SETTINGS\s[^;]*?)?\s*(?:FORMAT\s+(\w+)|(VALUES))\s*;?\s*$/i

/** Reads `INSERT INTO t (a, b) FORMAT Native`; undefined for any other statement. */
export function insertOf(query: string): Insert | undefined {
  const [, into, settings = '', format, values] = insertShape.exec(query) ?? []
  if (into === undefined) return undefined
  return { into: into.trim(), settings, format: values ? 'Values' : format }
}

/** The engine reads binary formats from files alone, so all formats come from one. */
export const insertFrom = ({ into, settings, format }: Insert, path: string): string =>
  `INSERT INTO ${into} FROM INFILE ${quoted(path)} ${settings ? `${settings} ` : ''}FORMAT ${format}`

/** The format of an answer: the statement's own, or the default. */
export function formatOf(statement: string, defaultFormat: string): string {
  return /\bFORMAT\s+(\w+)(?:\s+SETTINGS\s[^']*)?[\s;]*$/i.exec(statement)?.[1] ?? defaultFormat
}

const inlineData = /^\s*INSERT\s[^']*?\bFORMAT\s+(\w+)/i
const textFormat = /^(Values|JSON\w*|CSV\w*|TSV\w*|TabSeparated\w*)$/i

/** Throws for what the engine would do, but a server would not, or not so. */
export function checkStatement(statement: string): void {
  const [, format] = inlineData.exec(statement) ?? []
  if (format !== undefined) {
    if (textFormat.test(format)) return
    const words = `Data in ${format} goes into the body, and the statement into the address`
    throw fault('NOT_IMPLEMENTED', words)
  }
  if (statement.trim() === '') throw fault('SYNTAX_ERROR', 'Empty query')
  if (isSeveral(statement)) {
    throw fault('SYNTAX_ERROR', 'Syntax error: Multi-statements are not allowed')
  }
}

const piece = /'(?:[^'\\]|\\[\s\S]|'')*'|"[^"]*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|;/g

function isSeveral(statement: string): boolean {
  for (const { 0: found, index } of statement.matchAll(piece)) {
    if (found !== ';') continue
    const rest = statement.slice(index + 1).replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '')
    return /[^\s;]/.test(rest)
  }
  return false
}
