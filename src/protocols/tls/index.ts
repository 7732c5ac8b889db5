import type { FlowEnd } from '#model/flow.ts'
import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Handshake } from './handshake.ts'
import { Records } from './records.ts'

/**
 * TLS 1.0 to 1.3 and SSL 3.0 over TCP (RFC 8446, 5246, 6066, 6101). A connection is one transaction, its handshake:
 * resource is the name by which the client called the server, else the one in its certificate where that can be read;
 * status the version agreed upon, or the alert that ended it; an alert is a `warning` where the server complains of the
 * client, an `error` the other way round. What is spoken within (ALPN) is no part of it: a status stands for few things.
 * What follows is encrypted and of no interest.
 */
export const tls: Protocol = {
  name: 'tls',
  title: 'TLS',
  transports: ['tcp'],
  mayBeginLate: true,
  ports: [443, 8443, 6443, 853, 465, 636, 993, 995, 5671, 8883],
  detect,
  open: (done, options) => new TlsDecoder(done, options),
}

class TlsDecoder implements Decoder {
  readonly #handshake: Handshake
  /** Undefined once nothing can be learned any more. */
  #sides: readonly [Records, Records] | undefined

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#handshake = new Handshake(done, options)
    this.#sides = [new Records(this.#handshake, 0), new Records(this.#handshake, 1)]
  }

  get heldBytes(): number {
    return this.#sides ? this.#sides[0].heldBytes + this.#sides[1].heldBytes : 0
  }

  get lost(): boolean {
    return this.#sides?.some(({ stream }) => stream.hopeless) ?? false
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#sides?.[side].stream.read(bytes, start, end, timeUs)
    if (this.#handshake.over) this.#sides = undefined
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#handshake.lose()
    this.#sides?.[side].stream.gap(lengthBytes, timeUs)
  }

  close(_timeUs: number, end?: FlowEnd): void {
    this.#handshake.close(end === 'ended' || end === 'reset')
  }
}
