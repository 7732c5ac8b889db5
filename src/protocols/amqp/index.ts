import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { SideFrames } from './frames.ts'
import { Session } from './session.ts'

/**
 * AMQP 0-9-1, as RabbitMQ speaks it, 0-9 and 0-8 (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf). Method is the
 * specification's, `queue.declare`; resource the queue, the exchange with the routing key (`logs/info`, `/tasks` of the
 * default exchange), the virtual host; status `OK`, `EMPTY`, `ACK`, `NACK` or code and name of a fault, `404 NOT_FOUND`.
 * AMQP 1.0 shares nothing with it but the name.
 */
export const amqp: Protocol = {
  name: 'amqp',
  title: 'AMQP',
  role: 'queue',
  transports: ['tcp'],
  ports: [5672],
  detect,
  open: (done, options) => new AmqpDecoder(done, options),
}

class AmqpDecoder implements Decoder {
  readonly #session: Session
  readonly #sides: readonly [SideFrames, SideFrames]

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#session = new Session(done, options)
    this.#sides = [
      new SideFrames(this.#session, clientSide),
      new SideFrames(this.#session, serverSide),
    ]
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
