import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pairs } from '../pair.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Replies } from './replies.ts'
import { Requests } from './requests.ts'

/**
 * Redis and what speaks its protocol (RESP2, RESP3, inline commands). One transaction per command and its reply;
 * messages to subscribers, pushes and a monitor's lines are none. Method is the command, resource its first argument,
 * status `OK` or the error's code. Values are never shown.
 */
export const redis: Protocol = {
  name: 'redis',
  title: 'Redis',
  role: 'store',
  transports: ['tcp'],
  ports: [6379, 6380, 26379],
  detect,
  open: (done, options) => new RedisDecoder(done, options),
}

class RedisDecoder implements Decoder {
  readonly #pairs: Pairs
  readonly #requests: Requests
  readonly #replies: Replies

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new Pairs('redis', done)
    this.#requests = new Requests(this.#pairs, options)
    this.#replies = new Replies(this.#pairs, options, () => this.#requests.subscribed)
  }

  get heldBytes(): number {
    return this.#requests.stream.heldBytes + this.#replies.stream.heldBytes + this.#pairs.heldBytes
  }

  get lost(): boolean {
    const { stream, isReplica } = this.#replies
    return this.#requests.stream.hopeless || stream.hopeless || isReplica
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#replies
    stream.read(bytes, start, end, timeUs)
    // what a replica and its master say then is no conversation of commands and replies
    if (this.#replies.replicating || this.#requests.replicating) this.#stop()
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests : this.#replies
    stream.gap(lengthBytes, timeUs)
  }

  #stop(): void {
    this.#requests.stream.stop()
    this.#replies.stream.stop()
  }

  close(): void {
    this.#pairs.close()
  }
}
