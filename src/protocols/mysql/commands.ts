import { sqlReadMax } from '#lib/sql.ts'

/**
 * How a command is answered. `none`: not at all. `single`: by OK, EOF or an error. `result`: by that, or by rows, and
 * perhaps by several such results. `rows`: by rows alone. `prepare`: by what was prepared. `text`: by one packet of
 * text. `login`: by a talk about who the client is. `stream`: by events, for as long as they like.
 */
export const forms = {
  unknown: 0,
  none: 1,
  single: 2,
  result: 3,
  rows: 4,
  prepare: 5,
  text: 6,
  login: 7,
  stream: 8,
} as const

/** One of `forms`. */
export type Form = (typeof forms)[keyof typeof forms]

/** What the payload of a command says about what is asked for. */
type Subject = 'statement' | 'prepared' | 'name' | 'user' | 'nothing'

/** A command of the client, by its first byte. */
export interface Command {
  /** Without `COM_`, or as the statement that does the same is called. */
  readonly name: string
  readonly form: Form
  readonly subject: Subject
  /** Least and greatest length of its packet, its own byte included. */
  readonly least: number
  readonly greatest: number
  /** Bytes of the payload that are read. */
  readonly readMax: number
}

const anyMax = 0xffffff
const nameMax = 1024
/** An EXECUTE, up to the identifier of its statement. */
const preparedRead = 5

const readMaxOf: Readonly<Record<Subject, number>> = {
  statement: sqlReadMax,
  prepared: preparedRead,
  name: nameMax,
  user: nameMax,
  nothing: 1,
}

function command(
  name: string,
  form: Form,
  subject: Subject,
  [least, greatest]: readonly [number, number],
): Command {
  return { name, form, subject, least, greatest, readMax: readMaxOf[subject] }
}

const { none, single, result, rows, prepare, text, login, stream } = forms

/** "Command Phase" of MySQL; of MariaDB those it has alone. What only servers say to themselves is none. */
const list: Readonly<Record<number, Command>> = {
  1: command('QUIT', none, 'nothing', [1, 1]),
  2: command('INIT_DB', single, 'name', [1, nameMax]),
  3: command('QUERY', result, 'statement', [1, anyMax]),
  4: command('FIELD_LIST', rows, 'name', [2, nameMax]),
  5: command('CREATE_DB', single, 'name', [2, nameMax]),
  6: command('DROP_DB', single, 'name', [2, nameMax]),
  7: command('REFRESH', single, 'nothing', [2, 2]),
  8: command('SHUTDOWN', single, 'nothing', [1, 2]),
  9: command('STATISTICS', text, 'nothing', [1, 1]),
  10: command('PROCESS_INFO', result, 'nothing', [1, 1]),
  12: command('PROCESS_KILL', single, 'nothing', [5, 5]),
  13: command('DEBUG', single, 'nothing', [1, 1]),
  14: command('PING', single, 'nothing', [1, 1]),
  17: command('CHANGE_USER', login, 'user', [3, 1 << 16]),
  18: command('BINLOG_DUMP', stream, 'nothing', [11, nameMax]),
  19: command('TABLE_DUMP', stream, 'nothing', [3, nameMax]),
  21: command('REGISTER_SLAVE', single, 'nothing', [18, nameMax]),
  22: command('PREPARE', prepare, 'statement', [1, anyMax]),
  23: command('EXECUTE', result, 'prepared', [10, anyMax]),
  24: command('STMT_SEND_LONG_DATA', none, 'prepared', [7, anyMax]),
  25: command('STMT_CLOSE', none, 'prepared', [5, 5]),
  26: command('STMT_RESET', single, 'prepared', [5, 5]),
  27: command('SET_OPTION', single, 'nothing', [3, 3]),
  28: command('FETCH', rows, 'prepared', [9, 9]),
  30: command('BINLOG_DUMP_GTID', stream, 'nothing', [19, 1 << 16]),
  31: command('RESET_CONNECTION', single, 'nothing', [1, 1]),
  32: command('CLONE', stream, 'nothing', [1, 1]),
  33: command('SUBSCRIBE_GROUP_REPLICATION_STREAM', stream, 'nothing', [1, nameMax]),
  250: command('EXECUTE', result, 'prepared', [7, anyMax]), // COM_STMT_BULK_EXECUTE
}

/** Commands by their byte. */
export const commands: readonly (Command | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => list[code],
)

/** First bytes of the commands that are read further. */
export const codes = {
  query: 3,
  prepare: 22,
  execute: 23,
  longData: 24,
  close: 25,
} as const
