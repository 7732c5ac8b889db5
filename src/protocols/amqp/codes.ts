import { clientSide, otherSide, type Side } from '#model/side.ts'
import type { Outcome } from '#model/transaction.ts'

/** Reply codes and their names (AMQP 0-9-1, 1.2.1). */
const names = new Map([
  [200, 'OK'],
  [311, 'CONTENT_TOO_LARGE'],
  [312, 'NO_ROUTE'],
  [313, 'NO_CONSUMERS'],
  [320, 'CONNECTION_FORCED'],
  [402, 'INVALID_PATH'],
  [403, 'ACCESS_REFUSED'],
  [404, 'NOT_FOUND'],
  [405, 'RESOURCE_LOCKED'],
  [406, 'PRECONDITION_FAILED'],
  [501, 'FRAME_ERROR'],
  [502, 'SYNTAX_ERROR'],
  [503, 'COMMAND_INVALID'],
  [504, 'CHANNEL_ERROR'],
  [505, 'UNEXPECTED_FRAME'],
  [506, 'RESOURCE_ERROR'],
  [530, 'NOT_ALLOWED'],
  [540, 'NOT_IMPLEMENTED'],
  [541, 'INTERNAL_ERROR'],
])

/** Codes by which who says them gives the reason in itself: it was told to go, has no room, cannot do it, broke. */
const own = new Set([320, 506, 540, 541])

/** A close for no fault. Some clients say 0. */
export const isGood = (code: number): boolean => code === 200 || code === 0

/** `404 NOT_FOUND`; `OK`. */
export function statusOf(code: number): string {
  if (isGood(code)) return 'OK'
  const name = names.get(code)
  return name ? `${code} ${name}` : String(code)
}

/** Whose fault it is that one side says this code: a warning when the client's, an error when the server's. */
export function outcomeOf(code: number, said: Side): Outcome {
  if (isGood(code)) return 'ok'
  const isOwn = own.has(code) || (code >= 500 && !names.has(code))
  const blamed = isOwn ? said : otherSide(said)
  return blamed === clientSide ? 'warning' : 'error'
}
