import type { Transport } from '#model/flow.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { Calls } from './calls.ts'
import { detect } from './detect.ts'
import { type Message, Messages } from './messages.ts'

/**
 * Apache Thrift (https://github.com/apache/thrift/blob/master/doc/specs/thrift-rpc.md): the binary protocol in both its
 * forms and the compact one, framed or not; over UDP, too, as Jaeger's clients send their spans. Method is the name of
 * the call, resource the service where several share a connection. Arguments and results are passed over.
 */
export const thrift: Protocol = {
  name: 'thrift',
  title: 'Thrift',
  role: 'web',
  transports: ['tcp', 'udp'],
  ports: [9090, 6831, 6832],
  detect,
  open: (done, options, transport) => new ThriftDecoder(done, options, transport),
}

class ThriftDecoder implements Decoder {
  readonly #transport: Transport
  readonly #calls: Calls
  readonly #sides: readonly [Messages, Messages]

  constructor(
    done: (transaction: Transaction) => void,
    options: DecoderOptions,
    transport: Transport,
  ) {
    const calls = new Calls(done)
    const broken = (lost: boolean, timeUs: number) => calls.lose(lost, timeUs)
    const side = (side: Side, heard: (message: Message) => void) =>
      new Messages(side, transport, { heard, broken }, options)
    this.#transport = transport
    this.#calls = calls
    this.#sides = [
      side(clientSide, message => calls.ask(message)),
      side(serverSide, message => calls.answer(message)),
    ]
  }

  get heldBytes(): number {
    const [client, server] = this.#sides
    return client.stream.heldBytes + server.stream.heldBytes + this.#calls.heldBytes
  }

  get lost(): boolean {
    return this.#sides.some(({ stream }) => stream.hopeless)
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const messages = this.#sides[side]
    if (this.#transport === 'udp') messages.datagram(bytes, start, end, timeUs)
    else messages.stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#sides[side].stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#calls.close()
  }
}
