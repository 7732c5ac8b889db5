import type { Comparison } from '../comparison.ts'

/** Error codes that the captures have, which are numbers there. */
const codes: Record<string, string> = { 'ERROR:-1': 'UNKNOWN_SERVER_ERROR' }

export const kafka: Comparison = {
  protocol: 'kafka',
  reference: 'kafka',
  expected: {
    // only topics are said there; here also groups, sessions and transactions
    resource: one => one.resource ?? undefined,
    // of some responses it says only that they came
    status: one =>
      one.statusUnknown ? undefined : (codes[String(one.status)] ?? String(one.status ?? '-')),
  },
  // how many more topics there are is said here only
  seen: { resource: ({ resource }) => resource.replace(/ \+\d+$/, '') },
  exceptions: [
    {
      file: /arkime\/kafka/,
      fields: ['outcome'],
      reason:
        'the client acknowledges 71 bytes that the capture lacks: the answer is lost, not missing',
    },
  ],
}
