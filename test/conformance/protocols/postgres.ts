import type { Comparison } from '../comparison.ts'

export const postgres: Comparison = {
  protocol: 'postgres',
  reference: 'pgsql',
  expected: {
    // the verb of the statement, which the reference has not
    method: () => undefined,
    // of statements about passwords no literal is ever shown here
    resource: ({ resource }) =>
      /passw(or)?d/i.test(resource ?? '') ? undefined : (resource ?? ''),
  },
  // errors have a code here, there they are all `ERROR`
  seen: {
    status: ({ status, outcome }) => (status && outcome !== 'ok' ? 'ERROR' : (status ?? '-')),
  },
  exceptions: [
    {
      file: /pgsql|postgres/,
      fields: ['count'],
      reason:
        'Terminate asks nothing and gets nothing: it is the end of a connection, not a transaction',
    },
  ],
}
