import type { Comparison } from '../comparison.ts'

export const mongodb: Comparison = {
  protocol: 'mongodb',
  reference: 'mongodb',
  // a command to a database is called by the database here, by the collection it pretends to ask there
  expected: { resource: one => (one.resource ?? '').replace(/\.\$cmd$/, '') },
  exceptions: [],
}
