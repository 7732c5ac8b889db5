import type { Comparison } from '../comparison.ts'

export const amqp: Comparison = {
  protocol: 'amqp',
  reference: 'amqp',
  expected: {
    // what wants no answer has no status here
    status: one => (one.oneway ? '-' : String(one.status)),
  },
  exceptions: [],
}
