import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Replies } from './replies.ts'
import { Requests } from './requests.ts'
import { Statements } from './statements.ts'

/**
 * Cassandra, ScyllaDB and what else speaks the CQL binary protocol, versions 1 to 5
 * (https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v5.spec). One transaction per request and its
 * response, by their streams. Method is the statement's verb or the request's name, resource the statement with its
 * literals replaced, status `OK` or the error's name.
 */
export const cassandra: Protocol = {
  name: 'cassandra',
  title: 'Cassandra',
  role: 'store',
  transports: ['tcp'],
  ports: [9042],
  detect,
  open: (done, options) => new CassandraDecoder(done, options),
}

class CassandraDecoder implements Decoder {
  readonly #pairs: PairsByNumber
  readonly #statements: Statements
  readonly #requests: Requests
  readonly #replies: Replies

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new PairsByNumber('cassandra', done)
    this.#statements = new Statements(options)
    this.#requests = new Requests(this.#pairs, this.#statements)
    this.#replies = new Replies(this.#pairs, this.#statements, options)
  }

  get heldBytes(): number {
    const envelopes = this.#envelopes(clientSide).heldBytes + this.#envelopes(serverSide).heldBytes
    return envelopes + this.#pairs.heldBytes + this.#statements.heldBytes
  }

  get lost(): boolean {
    return this.#envelopes(clientSide).hopeless || this.#envelopes(serverSide).hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#envelopes(side).read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    if (side === serverSide) this.#replies.lostUs = timeUs
    this.#envelopes(side).gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#pairs.close()
  }

  #envelopes(side: Side) {
    return (side === clientSide ? this.#requests : this.#replies).envelopes
  }
}
