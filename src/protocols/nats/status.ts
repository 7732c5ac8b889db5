import { latin1 } from '#lib/text.ts'
import type { Outcome } from '#model/transaction.ts'

/** Bytes of headers that are looked at. */
export const headersLooked = 1024

/** Names of codes whose line has no text of its own. */
const names = new Map([
  ['404', 'No Messages'],
  ['408', 'Request Timeout'],
  ['503', 'No Responders'],
])

/** What a message's headers say of how it went; undefined: nothing, it is a message like any other. */
export interface HeaderStatus {
  readonly code: number
  /** `503 No Responders`. */
  readonly text: string
}

/** `NATS/1.0 404 No Messages`. */
const statusLine = /^NATS\/1\.0[ \t]+(\d{3})(?:[ \t]+([A-Za-z][\w ]{0,47}))?[ \t]*(?:[^\w ].*)?$/
/** Errors of services, https://github.com/nats-io/nats-architecture-and-design, ADR-32. */
const serviceError = /^Nats-Service-Error-Code:[ \t]*(\d{3})[ \t]*$/im

/** Reads the status line that headers begin with (ADR-4), or the code of a service's error. */
export function readStatus(
  bytes: Uint8Array,
  start: number,
  end: number,
): HeaderStatus | undefined {
  if (bytes[start + 8] !== 0x20 && !hasServiceError(bytes, start, end)) return undefined
  const text = latin1(bytes, start, Math.min(end, start + headersLooked))
  const [line] = text.split('\r\n', 1)
  const found = statusLine.exec(line)
  if (found) {
    const name = found[2]?.trim() ?? names.get(found[1])
    return { code: Number(found[1]), text: name ? `${found[1]} ${name}` : found[1] }
  }
  const error = serviceError.exec(text)
  return error ? { code: Number(error[1]), text: error[1] } : undefined
}

const errorName = Buffer.from('Nats-Service-Error-Code:')

function hasServiceError(bytes: Uint8Array, start: number, end: number): boolean {
  const stop = Math.min(end, start + headersLooked) - errorName.length
  for (let i = start; i < stop; i++) {
    if (bytes[i] !== errorName[0] || bytes[i - 1] !== 0x0a) continue
    let same = 1
    while (same < errorName.length && bytes[i + same] === errorName[same]) same++
    if (same === errorName.length) return true
  }
  return false
}

/** Heartbeats and flow control of a consumer are no messages. */
export const isControl = ({ code }: HeaderStatus): boolean => code < 200

/** That there is nothing (yet) is what is asked for; that nobody listens is the other end's fault. */
export function outcomeOfStatus({ code }: HeaderStatus): Outcome {
  if (code >= 500) return 'error'
  return code < 400 || code === 404 || code === 408 ? 'ok' : 'warning'
}
