import type { Outcome } from '#model/transaction.ts'

/** 4xx is the client's fault, 5xx the server's (RFC 9110, 15). */
export function httpOutcome(code: number): Outcome {
  if (code < 400) return 'ok'
  return code < 500 ? 'warning' : 'error'
}
