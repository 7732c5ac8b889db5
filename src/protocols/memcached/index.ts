import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pairs } from '../pair.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { Datagrams } from './datagrams.ts'
import { detect } from './detect.ts'
import { Replies, Requests } from './stream.ts'

/**
 * memcached: its text commands, meta commands and binary protocol, over TCP and UDP. Method is the command as the
 * client says it, resource its key (`key +2`: two more), status what the server says. What asks for items hits,
 * misses, or, when some of many are there, does so in part: `HIT`, `MISS`, `PARTIAL`. Values are never looked at.
 */
export const memcached: Protocol = {
  name: 'memcached',
  title: 'memcached',
  role: 'store',
  transports: ['tcp', 'udp'],
  ports: [11211],
  detect,
  open: (done, options, transport) =>
    transport === 'udp' ? new Datagrams(done, options) : new MemcachedDecoder(done, options),
}

class MemcachedDecoder implements Decoder {
  readonly #pairs: Pairs
  readonly #requests: Requests
  readonly #replies: Replies

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new Pairs('memcached', done)
    this.#requests = new Requests(this.#pairs, options)
    this.#replies = new Replies(this.#pairs, options)
  }

  get heldBytes(): number {
    return this.#requests.stream.heldBytes + this.#replies.stream.heldBytes + this.#pairs.heldBytes
  }

  get lost(): boolean {
    return this.#requests.stream.hopeless || this.#replies.stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#replies
    stream.read(bytes, start, end, timeUs)
    if (this.#replies.isWatched) this.#requests.stream.stop()
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#replies
    stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#pairs.close()
  }
}
