import { Conversation, type ConversationOptions, type Dialect } from './conversation.ts'

/** Rows as text, and the server's complaint if it had one. */
export interface Result {
  readonly rows: readonly (readonly (string | null)[])[]
  /** `INSERT 0 1`. */
  readonly tag: string
  readonly error: string | undefined
}

/** A connection to PostgreSQL, trust authentication. */
export interface Postgres {
  /** The simple query flow. */
  query(sql: string): Promise<Result>
  /** The extended flow with an unnamed statement: Parse, Bind, Describe, Execute, Sync. */
  execute(sql: string, values: readonly string[]): Promise<Result>
}

// Messages of protocol 3.0: https://www.postgresql.org/docs/15/protocol-message-formats.html
const protocolVersion = 196608

function message(kind: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(kind.length + 4)
  head.write(kind)
  head.writeInt32BE(body.length + 4, kind.length)
  return Buffer.concat([head, body])
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`)

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const greeting = message(
  '',
  int32(protocolVersion),
  ...['user', 'postgres', 'database', 'postgres', 'application_name', 'shop', ''].map(cstring),
)

const textValue = (value: string): Buffer =>
  Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)])

function extended(sql: string, values: readonly string[]): Buffer {
  return Buffer.concat([
    message('P', cstring(''), cstring(sql), int16(0)),
    message(
      'B',
      cstring(''),
      cstring(''),
      int16(0),
      int16(values.length),
      ...values.map(textValue),
      int16(0),
    ),
    message('D', Buffer.from('P'), cstring('')),
    message('E', cstring(''), int32(0)),
    message('S'),
  ])
}

/** Everything up to ReadyForQuery is one answer. */
function read(bytes: Buffer): { answer: Result; length: number } | undefined {
  const rows: (string | null)[][] = []
  let tag = ''
  let error: string | undefined
  for (let at = 0; at + 5 <= bytes.length; ) {
    const kind = String.fromCharCode(bytes[at])
    const end = at + 1 + bytes.readInt32BE(at + 1)
    if (end > bytes.length) return undefined
    const body = bytes.subarray(at + 5, end)
    if (kind === 'D') rows.push(readRow(body))
    if (kind === 'C') tag = body.toString('utf8', 0, body.length - 1)
    if (kind === 'E') error = readComplaint(body)
    if (kind === 'Z') return { answer: { rows, tag, error }, length: end }
    at = end
  }
  return undefined
}

function readRow(body: Buffer): (string | null)[] {
  const row: (string | null)[] = []
  for (let at = 2; at < body.length; ) {
    const size = body.readInt32BE(at)
    row.push(size < 0 ? null : body.toString('utf8', at + 4, at + 4 + size))
    at += 4 + Math.max(size, 0)
  }
  return row
}

/** Fields of ErrorResponse: a letter, a text, a zero. `M` is the message. */
function readComplaint(body: Buffer): string {
  const fields = body.toString('utf8').split('\0')
  return fields.find(field => field.startsWith('M'))?.slice(1) ?? 'error'
}

const dialect: Dialect<Result> = {
  greeting,
  read,
  judge: ({ error }) =>
    error === undefined ? { status: 'OK', outcome: 'ok' } : { status: 'ERROR', outcome: 'error' },
}

/** Opens nothing yet: the first call does. */
export function openPostgres(options: Omit<ConversationOptions<Result>, 'dialect'>): Postgres {
  const conversation = new Conversation({ ...options, dialect })
  const verb = (sql: string) => sql.slice(0, sql.indexOf(' ')).toUpperCase()
  return {
    query: sql =>
      conversation.call({ bytes: message('Q', cstring(sql)), method: verb(sql), resource: sql }),
    execute: (sql, values) =>
      conversation.call({ bytes: extended(sql, values), method: verb(sql), resource: sql }),
  }
}
