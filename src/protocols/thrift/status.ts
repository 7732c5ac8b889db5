import type { Outcome } from '#model/transaction.ts'
import { types } from './header.ts'
import type { Message } from './messages.ts'

/** Types of TApplicationException (thrift-rpc.md): what the client did wrong is a warning. */
const exceptions: readonly (readonly [name: string, outcome: Outcome])[] = [
  ['UNKNOWN', 'error'],
  ['UNKNOWN_METHOD', 'warning'],
  ['INVALID_MESSAGE_TYPE', 'warning'],
  ['WRONG_METHOD_NAME', 'warning'],
  ['BAD_SEQUENCE_ID', 'warning'],
  ['MISSING_RESULT', 'error'],
  ['INTERNAL_ERROR', 'error'],
  ['PROTOCOL_ERROR', 'warning'],
  ['INVALID_TRANSFORM', 'warning'],
  ['INVALID_PROTOCOL', 'warning'],
  ['UNSUPPORTED_CLIENT_TYPE', 'warning'],
]

/**
 * How a call was answered. An exception that the service declares is an answer like others: the call was understood and
 * the service says no. It has no name on the wire, only the number of its field.
 */
export function statusOf({ type, firstId = 0, code = 0 }: Message): readonly [string, Outcome] {
  if (type === types.exception) return exceptions[code] ?? [`EXCEPTION TYPE ${code}`, 'error']
  return firstId === 0 ? ['OK', 'ok'] : [`EXCEPTION ${firstId}`, 'warning']
}
