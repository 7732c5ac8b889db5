import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pairs } from '../pair.ts'
import type { Decoder, DecoderOptions, Handover } from '../protocol.ts'
import { Requests } from './requests.ts'
import { Responses } from './responses.ts'

/** Both sides of one HTTP/1 connection. */
export class HttpDecoder implements Decoder {
  readonly #pairs: Pairs
  readonly #requests: Requests
  readonly #responses: Responses
  #restStart = 0

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new Pairs('http', done)
    this.#requests = new Requests(this.#pairs, options)
    this.#responses = new Responses(this.#pairs, this.#requests)
  }

  get handover(): Handover | undefined {
    const { next } = this.#responses
    return next && { restStart: this.#restStart, ...next }
  }

  get heldBytes(): number {
    const { stream } = this.#requests.messages
    return stream.heldBytes + this.#responses.messages.stream.heldBytes + this.#pairs.heldBytes
  }

  /** Only requests tell: a server may answer a request for HTTP with anything. */
  get lost(): boolean {
    return this.#requests.messages.stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests.messages : this.#responses.messages
    stream.read(bytes, start, end, timeUs)
    this.#restStart = stream.restStart
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests.messages : this.#responses.messages
    stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#requests.close()
    this.#responses.close()
    this.#pairs.close()
  }
}
