import type { Outcome } from '#model/transaction.ts'

/** What an ERR packet says. Before a client has shown that it knows them, servers give no SQLSTATE: `''`. */
export interface ServerError {
  readonly code: number
  readonly sqlstate: string
}

/**
 * Errors that have no SQLSTATE of their own: access refused to a database, a table, a column, a routine, or for want of
 * a privilege; a lock waited for too long or not to be waited for, a statement interrupted or out of time, an account
 * that must change its password or is locked.
 */
const expected: ReadonlySet<number> = new Set([
  1044, 1045, 1142, 1143, 1205, 1213, 1227, 1317, 1370, 1698, 1820, 1862, 1969, 3024, 3118, 3572,
  4151,
])

/**
 * Whose fault an error is, as for PostgreSQL: errors are errors; warnings are what the client is expected to meet and
 * to act upon: a login refused (SQLSTATE 28), a transaction to be repeated (40), and those of `expected`.
 */
export function outcomeOf({ code, sqlstate }: ServerError): Outcome {
  return /^(?:28|40)/.test(sqlstate) || expected.has(code) ? 'warning' : 'error'
}
