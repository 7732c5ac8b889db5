import type { Outcome } from '#model/transaction.ts'

/** Characters of an error that are looked at, and letters of it that are shown. */
const readMax = 512
const shownMax = 48
/** The server is at fault, or at its end; everything else it finds in the client. */
const serversFault = /^(?:maximum connections|server shutdown|internal)/i
/** After these the connection goes on (documentation of the protocol, `+OK/-ERR`). */
const harmless = /^(?:permissions violation|invalid (?:publish )?subject|maximum subscriptions)/i

/** What `-ERR` says. */
export interface ServerError {
  /** `Authorization Violation`. */
  readonly status: string
  readonly outcome: Outcome
  /** The server closes the connection. */
  readonly fatal: boolean
  /** The subject it is about. */
  readonly subject: string
}

/** Reads `'Permissions Violation for Publish to "a.b"'`. */
export function readError(text: string): ServerError {
  const words = text.slice(0, readMax).trim().replace(/^'|'$/g, '')
  const [said] = /^[A-Za-z][A-Za-z ,-]*/.exec(words) ?? ['']
  const status = said
    .split(/ for | to "/i, 1)[0]
    .slice(0, shownMax)
    .trim()
  return {
    status: status === '' ? 'ERR' : status,
    outcome: serversFault.test(words) ? 'error' : 'warning',
    fatal: !harmless.test(words),
    subject: /"([^"]+)"/.exec(words)?.[1] ?? '',
  }
}
