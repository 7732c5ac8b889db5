import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Handover, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { SideFrames } from './frames.ts'
import { Session } from './session.ts'

/**
 * NATS, the client protocol (https://docs.nats.io/reference/reference-protocols/nats-protocol), JetStream, which is a set
 * of subjects in it, and what servers say among themselves. Method is the operation, resource the subject, with what
 * was made for one request left out; status `OK`, the status of a reply's headers, `503 No Responders`, or the error.
 */
export const nats: Protocol = {
  name: 'nats',
  title: 'NATS',
  role: 'queue',
  transports: ['tcp'],
  ports: [4222, 6222, 7422],
  detect,
  open: (done, options) => new NatsDecoder(done, options),
}

class NatsDecoder implements Decoder {
  readonly #session: Session
  readonly #sides: readonly [SideFrames, SideFrames]

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#session = new Session(done)
    this.#sides = [
      new SideFrames(this.#session, clientSide, options),
      new SideFrames(this.#session, serverSide, options),
    ]
  }

  /** To TLS, which is recognised by its own bytes. */
  get handover(): Handover | undefined {
    const [{ handedOver, stream }] = this.#sides
    return handedOver ? { restStart: stream.restStart } : undefined
  }

  get heldBytes(): number {
    const [client, server] = this.#sides
    return client.stream.heldBytes + server.stream.heldBytes + this.#session.heldBytes
  }

  get lost(): boolean {
    return this.#sides.some(({ stream }) => stream.hopeless)
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#session.nowUs = timeUs
    this.#sides[side].stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#session.nowUs = timeUs
    this.#sides[side].stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#session.close()
  }
}
