import type { Comparison } from '../comparison.ts'
import type { Expected } from '../expectation.ts'

/** Error codes of RFC 9113, 7 that occur. */
const errorNames: Readonly<Record<number, string>> = { 8: 'CANCEL' }

/** The error with which either side put an end to the stream before the response had ended. */
function resetOf({ rst, responseEndStream }: Expected): string | undefined {
  return Array.isArray(rst) && responseEndStream === false ? errorNames[rst[1]] : undefined
}

export const http2: Comparison = {
  protocol: 'http2',
  reference: 'http2',
  // of a stream that was reset the reference keeps what the response began with
  expected: {
    status: one => resetOf(one) ?? (one.status === null ? '-' : String(one.status)),
    outcome: one => (one.ok && resetOf(one) === undefined ? 'ok' : 'not ok'),
  },
  exceptions: [],
}
