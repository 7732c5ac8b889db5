import type { Outcome } from '#model/transaction.ts'

/** Error codes of streams and connections by number (RFC 9113, 7). */
const names = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]

/** Codes with which who sends them says that the other side is at fault. */
const blaming = new Set([1, 3, 4, 5, 6, 9, 11, 12, 13])

export const noError = 0
export const refusedStream = 7

/** `CANCEL`; of a code without a name its number, `0x1f`. */
export function errorName(code: number): string {
  return names[code] ?? `0x${code.toString(16)}`
}

/** A stream that was reset is a warning when it is the client's fault (it gave up, it broke a rule), else an error. */
export function resetOutcome(code: number, byServer: boolean): Outcome {
  return blaming.has(code) === byServer ? 'warning' : 'error'
}
