import { ByteReader } from '#lib/byte-reader.ts'
import type { Transport } from '#model/flow.ts'
import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import type { Stream } from '../stream.ts'
import { detect } from './detect.ts'
import { type Message, readMessage } from './message.ts'
import { Pairs } from './pair.ts'
import { readRecords } from './records.ts'
import { messageStream } from './stream.ts'

/**
 * DNS over UDP and TCP (RFC 1035, RFC 6891). A query is one transaction with its answer: `A example.com NOERROR`.
 * Names are lower-case unless raw. Operations other than queries carry their own name: `UPDATE`, `NOTIFY`. A zone that is
 * transferred is one transaction, however many messages it fills.
 */
export const dns: Protocol = {
  name: 'dns',
  title: 'DNS',
  transports: ['udp', 'tcp'],
  ports: [53],
  detect,
  open: (done, options, transport) => new DnsDecoder(done, options, transport),
}

/** When and how long a message was, wherever it came from. */
interface Arrival {
  readonly startUs: number
  readonly endUs: number
  readonly bytes: number
  readonly gap: boolean
}

class DnsDecoder implements Decoder {
  readonly #reader = new ByteReader()
  readonly #pairs: Pairs
  readonly #streams: readonly [Stream, Stream] | undefined

  constructor(
    done: (transaction: Transaction) => void,
    options: DecoderOptions,
    transport: Transport,
  ) {
    this.#pairs = new Pairs(done, options.raw, transport === 'tcp')
    if (transport === 'tcp') this.#streams = [this.#stream(0), this.#stream(1)]
  }

  get heldBytes(): number {
    const [client, server] = this.#streams ?? []
    return (client?.heldBytes ?? 0) + (server?.heldBytes ?? 0) + this.#pairs.heldBytes
  }

  get lost(): boolean {
    return this.#streams?.some(stream => stream.hopeless) ?? false
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    if (this.#streams) {
      this.#streams[side].read(bytes, start, end, timeUs)
    } else {
      const arrival = { startUs: timeUs, endUs: timeUs, bytes: end - start, gap: false }
      this.#message(side, bytes, start, end, arrival)
    }
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#streams?.[side].gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#pairs.close()
  }

  #stream(side: Side): Stream {
    return messageStream(
      (bytes, start, end, length, stream) => {
        const { firstUs: startUs, lastUs: endUs, gapped: gap } = stream
        stream.gapped = false
        this.#message(side, bytes, start, end, { startUs, endUs, bytes: length + 2, gap })
      },
      () => this.#pairs.lose(),
    )
  }

  /** Only queries of the client and responses of the server count: two servers that ask each other are two flows' worth. */
  #message(side: Side, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void {
    const message = readMessage(this.#reader.reset(bytes, start, end))
    if (!message || message.isResponse === (side === clientSide)) return
    if (message.isResponse) this.#answer(message, start, arrival)
    else this.#pairs.ask(message, arrival.startUs, arrival.bytes, arrival.gap)
  }

  #answer(message: Message, start: number, { endUs, bytes, gap }: Arrival): void {
    const { extendedRcode, names, zones } = readRecords(this.#reader, start, message)
    const rcode = (extendedRcode << 4) | message.rcode
    this.#pairs.answer(message, { rcode, names, zones, endUs, bytes, gap })
  }
}
