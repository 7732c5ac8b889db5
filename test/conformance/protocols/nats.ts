import type { Comparison } from '../comparison.ts'
import type { Expected } from '../expectation.ts'

/**
 * In nats__nats-headers a message is published for somebody else to answer: nobody on this connection listens to the
 * subject JOKE.22, and the server's `+OK` is all that comes of it. There it is an unanswered request.
 */
const isForOthers = ({ replySubject }: Expected) => replySubject === 'JOKE.22'

export const nats: Comparison = {
  protocol: 'nats',
  reference: 'nats',
  expected: {
    status: one => (isForOthers(one) ? 'OK' : one.status === null ? '-' : String(one.status)),
    outcome: one => (one.ok || isForOthers(one) ? 'ok' : 'not ok'),
  },
  // what wants no answer has no status here, `OK` there
  seen: {
    status: ({ status, outcome }) => status ?? (outcome === 'ok' ? 'OK' : '-'),
  },
  exceptions: [],
}
