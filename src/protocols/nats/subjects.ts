import { begins } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import { cut, utf8 } from '#lib/text.ts'
import { nameCharsMax } from '../name-text.ts'
import type { DecoderOptions } from '../protocol.ts'

/** Bytes of a subject that are read. */
const readMax = 1024

const dot = 0x2e
const inbox = Buffer.from('_INBOX')
const pull = Buffer.from('.CONSUMER.MSG.NEXT.')
const ack = Buffer.from('$JS.ACK.')
/** Ids that are new for every client or request: NUIDs, keys (NKEY), UUIDs. */
const id =
  /(?<=^|\.)(?:(?=[^.]*\d)[\dA-Za-z]{22}|[A-Z2-7]{56}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?=\.|$)/g

/** Gives subjects their text. What was made for one request is `?` unless raw, so that subjects stay few. */
export class Subjects {
  readonly #raw: boolean
  readonly #subjects: Interner

  constructor({ interners, raw }: DecoderOptions) {
    this.#raw = raw
    this.#subjects = interners.named('nats subject', (bytes, start, end) =>
      this.shown(utf8(bytes, start, Math.min(end, start + readMax))),
    )
  }

  text(bytes: Uint8Array, start: number, end: number): string {
    if (this.#raw) return this.#subjects.text(bytes, start, end)
    if (begins(bytes, start, end, inbox)) return this.#inbox(bytes, start, end)
    // acks are all different: they would only fill the interner
    if (begins(bytes, start, end, ack)) return this.shown(utf8(bytes, start, end))
    return this.#subjects.text(bytes, start, end)
  }

  /** A subject that is text already. */
  shown(subject: string): string {
    if (this.#raw) return cut(subject, nameCharsMax)
    if (subject.startsWith('$JS.ACK.')) return cut(shownAck(subject), nameCharsMax)
    return cut(subject.replace(/^(_INBOX[^.]*)\..*$/, '$1.?').replace(id, '?'), nameCharsMax)
  }

  /** Inboxes are all different, too: they are known by what stands up to the first dot. */
  #inbox(bytes: Uint8Array, start: number, end: number): string {
    let behind = start
    while (behind < end && bytes[behind++] !== dot);
    return this.#subjects.text(bytes, start, behind)
  }
}

/** `$JS.ACK.stream.consumer.?`; with a domain, and the hash of an account, before the stream: ADR-15. */
function shownAck(subject: string): string {
  const tokens = subject.split('.')
  const at = tokens.length > 9 ? 4 : 2
  return `$JS.ACK.${tokens.slice(at, at + 2).join('.')}.?`
}

/**
 * A request to JetStream for messages, `$JS.API.CONSUMER.MSG.NEXT.stream.consumer`: they come by their own subjects, for
 * a while, or a status does.
 */
export function isPull(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] === dot && begins(bytes, at, end, pull)) return true
  }
  return false
}
