import type { Outcome } from '#model/transaction.ts'

/**
 * Errors by their names in the protocol's document (native_protocol_v5.spec section 9, and those added since). As for SQL
 * they are errors; warnings are what clients are expected to meet and to act upon: a version of the protocol, a login or
 * access refused, a statement to be prepared again.
 */
const errors = new Map<number, readonly [name: string, outcome: Outcome]>([
  [0x0000, ['Server_error', 'error']],
  [0x000a, ['Protocol_error', 'warning']],
  [0x0100, ['Authentication_error', 'warning']],
  [0x1000, ['Unavailable', 'error']],
  [0x1001, ['Overloaded', 'error']],
  [0x1002, ['Is_bootstrapping', 'error']],
  [0x1003, ['Truncate_error', 'error']],
  [0x1100, ['Write_timeout', 'error']],
  [0x1200, ['Read_timeout', 'error']],
  [0x1300, ['Read_failure', 'error']],
  [0x1400, ['Function_failure', 'error']],
  [0x1500, ['Write_failure', 'error']],
  [0x1600, ['CDC_write_failure', 'error']],
  [0x1700, ['CAS_write_unknown', 'error']],
  [0x2000, ['Syntax_error', 'error']],
  [0x2100, ['Unauthorized', 'warning']],
  [0x2200, ['Invalid', 'error']],
  [0x2300, ['Config_error', 'error']],
  [0x2400, ['Already_exists', 'error']],
  [0x2500, ['Unprepared', 'warning']],
])

/** Whether an error has a name here. */
export const isErrorCode = (code: number): boolean => errors.has(code)

/** Name and outcome of an error; of one that is not known, its number: `0x1800`. */
export const errorOf = (code: number): readonly [name: string, outcome: Outcome] =>
  errors.get(code) ?? [`0x${(code >>> 0).toString(16).padStart(4, '0')}`, 'error']
