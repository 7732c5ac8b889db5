import type { Outcome } from '#model/transaction.ts'

/**
 * Whose fault an SQLSTATE is (PostgreSQL documentation, appendix A). Errors are errors, as for any SQL server; warnings
 * are what the client is expected to meet and to act upon: a login or access refused (28, 42501), a transaction to be
 * repeated (40: serialization failures, deadlocks), a cancelled statement (57014), a lock that was not to be waited for
 * (55P03).
 */
export function outcomeOf(sqlstate: string): Outcome {
  const expected = /^(?:28|40|42501|57014|55P03)/.test(sqlstate)
  return expected ? 'warning' : 'error'
}
