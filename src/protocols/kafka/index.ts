import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Requests } from './requests.ts'
import { Responses } from './responses.ts'
import { Topics } from './topics.ts'

/**
 * Apache Kafka (https://kafka.apache.org/protocol). One transaction per request and its response, paired by their
 * correlation id. Method is the API, resource the topic it is about (`orders +2`: two more), else the group or the
 * transactional id; status the first error code by its name, `OK` where there is none. A fetch may wait for records
 * to come: that is its duration. A produce request that wants no acknowledgement is one way.
 */
export const kafka: Protocol = {
  name: 'kafka',
  title: 'Kafka',
  role: 'queue',
  transports: ['tcp'],
  ports: [9092],
  detect,
  open: (done, options) => new KafkaDecoder(done, options),
}

class KafkaDecoder implements Decoder {
  readonly #pairs: PairsByNumber
  readonly #requests: Requests
  readonly #responses: Responses

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new PairsByNumber('kafka', done)
    const topics = new Topics(options)
    this.#requests = new Requests(this.#pairs, topics, options)
    this.#responses = new Responses(this.#pairs, topics, options, () => this.#requests.mayBeTokens)
  }

  get heldBytes(): number {
    const streams = this.#requests.stream.heldBytes + this.#responses.stream.heldBytes
    return streams + this.#pairs.heldBytes
  }

  get lost(): boolean {
    return this.#requests.stream.hopeless || this.#responses.stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#responses
    stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#responses
    stream.gap(lengthBytes, timeUs)
    if (this.#responses.isSought) this.#pairs.lose(timeUs)
  }

  close(timeUs: number): void {
    this.#requests.close(timeUs)
    this.#pairs.close()
  }
}
