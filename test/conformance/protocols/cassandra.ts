import type { Comparison } from '../comparison.ts'
import type { Expected } from '../expectation.ts'

export const cassandra: Comparison = {
  protocol: 'cassandra',
  reference: 'cassandra',
  expected: {
    // a statement is called by its verb here, by the request that brings it there
    method: one => (one.method === 'QUERY' ? verbOf(one) : (one.method ?? '')),
    // what is compressed is read here, not there
    resource: one => (one.compressed ? undefined : (one.resource ?? '')),
    // answers are `OK` or an error here, have the name of their envelope there
    status: one =>
      (one.status === null || one.status === 'ERROR' ? (one.status ?? '-') : 'OK') as string,
  },
  seen: {
    status: ({ status, outcome }) => (status && outcome !== 'ok' ? 'ERROR' : (status ?? '-')),
  },
  exceptions: [],
}

const verbOf = ({ resource }: Expected): string | undefined =>
  resource?.trim().split(/\s/, 1)[0].toUpperCase()
