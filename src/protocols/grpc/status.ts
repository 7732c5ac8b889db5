import type { Outcome } from '#model/transaction.ts'

/** How a call ended, in the words of gRPC. */
export interface CallStatus {
  readonly name: string
  readonly outcome: Outcome
}

/**
 * Status codes by number (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). Which of them are the server's
 * fault is as OpenTelemetry has it for spans of gRPC servers; the others are the client's.
 */
const statuses: readonly CallStatus[] = (
  [
    ['OK', 'ok'],
    ['CANCELLED', 'warning'],
    ['UNKNOWN', 'error'],
    ['INVALID_ARGUMENT', 'warning'],
    ['DEADLINE_EXCEEDED', 'error'],
    ['NOT_FOUND', 'warning'],
    ['ALREADY_EXISTS', 'warning'],
    ['PERMISSION_DENIED', 'warning'],
    ['RESOURCE_EXHAUSTED', 'warning'],
    ['FAILED_PRECONDITION', 'warning'],
    ['ABORTED', 'warning'],
    ['OUT_OF_RANGE', 'warning'],
    ['UNIMPLEMENTED', 'error'],
    ['INTERNAL', 'error'],
    ['UNAVAILABLE', 'error'],
    ['DATA_LOSS', 'error'],
    ['UNAUTHENTICATED', 'warning'],
  ] as const
).map(([name, outcome]) => ({ name, outcome }))

const unknown = statuses[2]
const resourceExhausted = statuses[8]
const permissionDenied = statuses[7]
const unimplemented = statuses[12]
const internal = statuses[13]
const unavailable = statuses[14]
const cancelled = statuses[1]
const unauthenticated = statuses[16]

/** `grpc-status` as it stands in trailers. */
export function statusOfText(text: string): CallStatus {
  return /^\d{1,2}$/.test(text) ? (statuses[Number(text)] ?? unknown) : unknown
}

/**
 * What a client makes of an answer without `grpc-status`, as from a proxy
 * (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
 */
export function statusOfHttp(code: string): CallStatus {
  switch (code) {
    case '400':
      return internal
    case '401':
      return unauthenticated
    case '403':
      return permissionDenied
    case '404':
      return unimplemented
    case '429':
    case '502':
    case '503':
    case '504':
      return unavailable
    default:
      return unknown
  }
}

/**
 * What a client makes of a stream that was reset with this code
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Errors).
 */
export function statusOfReset(code: number): CallStatus {
  switch (code) {
    case 7:
      return unavailable
    case 8:
      return cancelled
    case 11:
      return resourceExhausted
    case 12:
      return permissionDenied
    default:
      return internal
  }
}
