import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Replies } from './replies.ts'
import { Requests } from './requests.ts'

/**
 * MongoDB and what speaks its protocol (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). One
 * transaction per command and its reply, by their numbers. Method is the command, resource `db.collection`, status `OK`
 * or the name of the error's code. Nothing else of a document is read.
 */
export const mongodb: Protocol = {
  name: 'mongodb',
  title: 'MongoDB',
  role: 'store',
  transports: ['tcp'],
  ports: [27017, 27018, 27019],
  detect,
  open: (done, options) => new MongodbDecoder(done, options),
}

class MongodbDecoder implements Decoder {
  readonly #pairs: PairsByNumber
  readonly #requests: Requests
  readonly #replies: Replies

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new PairsByNumber('mongodb', done)
    this.#requests = new Requests(this.#pairs, options)
    this.#replies = new Replies(this.#pairs, options)
  }

  get heldBytes(): number {
    const streams = this.#stream(clientSide).heldBytes + this.#stream(serverSide).heldBytes
    return streams + this.#pairs.heldBytes
  }

  get lost(): boolean {
    return this.#stream(clientSide).hopeless || this.#stream(serverSide).hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#stream(side).read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    if (side === serverSide) this.#replies.lostUs = timeUs
    this.#stream(side).gap(lengthBytes, timeUs)
  }

  close(timeUs: number): void {
    this.#replies.close(timeUs)
    this.#pairs.close()
  }

  #stream(side: Side) {
    return (side === clientSide ? this.#requests : this.#replies).messages.stream
  }
}
