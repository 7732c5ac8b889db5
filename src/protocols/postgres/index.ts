import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Handover, Protocol } from '../protocol.ts'
import type { Stream } from '../stream.ts'
import { clientStream } from './client.ts'
import { detect } from './detect.ts'
import { serverStream } from './server.ts'
import { Session } from './session.ts'

/**
 * PostgreSQL, protocol 3 (documentation, chapter "Frontend/Backend Protocol"). Method is the statement's verb, resource
 * the statement with its literals replaced, status `OK` or the SQLSTATE.
 */
export const postgres: Protocol = {
  name: 'postgres',
  title: 'PostgreSQL',
  role: 'store',
  transports: ['tcp'],
  ports: [5432, 6432],
  detect,
  open: (done, options) => new PostgresDecoder(done, options),
}

class PostgresDecoder implements Decoder {
  readonly #session: Session
  readonly #streams: readonly [Stream, Stream]

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#session = new Session(done, options)
    this.#streams = [clientStream(this.#session), serverStream(this.#session)]
  }

  /** To TLS, which is recognised by its own bytes. */
  get handover(): Handover | undefined {
    return this.#session.handedOver ? { restStart: this.#streams[1].restStart } : undefined
  }

  get heldBytes(): number {
    return this.#streams[0].heldBytes + this.#streams[1].heldBytes + this.#session.heldBytes
  }

  get lost(): boolean {
    return this.#streams.some(stream => stream.hopeless)
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#streams[side].read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#streams[side].gap(lengthBytes, timeUs)
  }

  close(timeUs: number): void {
    this.#session.close(timeUs)
  }
}
