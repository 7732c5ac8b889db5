import type { Comparison } from '../comparison.ts'

export const thrift: Comparison = {
  protocol: 'thrift',
  reference: 'thrift',
  // there an exception is an exception
  seen: {
    status: one =>
      one.status === undefined || one.status === 'OK' ? (one.status ?? '-') : 'EXCEPTION',
  },
  exceptions: [
    {
      file: /thrift_integration/,
      fields: ['outcome'],
      reason: 'a one-way call in the form of any other, shown to be one by the answer to the next',
    },
  ],
}
