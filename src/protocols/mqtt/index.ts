import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Protocol } from '../protocol.ts'
import { detect } from './detect.ts'
import { Packets } from './packets.ts'
import { Session } from './session.ts'

/**
 * MQTT 3.1 (https://public.dhe.ibm.com/software/dw/webservices/ws-mqtt/mqtt-v3r1.html), 3.1.1
 * (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/) and 5.0 (https://docs.oasis-open.org/mqtt/mqtt/v5.0/).
 *
 * One transaction per CONNECT, SUBSCRIBE, UNSUBSCRIBE, PINGREQ and their answers; per message, with its acknowledgement
 * where there is one: `PUBLISH` to the server, `DELIVER` to a subscriber. Resource is the topic, the first topic
 * filter, of CONNECT the client id. Status is the reason in the words of MQTT 5.0.
 */
export const mqtt: Protocol = {
  name: 'mqtt',
  title: 'MQTT',
  role: 'queue',
  transports: ['tcp'],
  ports: [1883],
  detect,
  open: (done, options) => new MqttDecoder(done, options),
}

class MqttDecoder implements Decoder {
  readonly #session: Session
  readonly #sides: readonly [Packets, Packets]

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    const session = new Session(done)
    this.#session = session
    this.#sides = [
      new Packets(clientSide, session, options),
      new Packets(serverSide, session, options),
    ]
  }

  get heldBytes(): number {
    const [client, server] = this.#sides
    return client.heldBytes + server.heldBytes + this.#session.heldBytes
  }

  get lost(): boolean {
    return this.#sides.some(({ stream }) => stream.hopeless)
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#sides[side].stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const packets = this.#sides[side]
    packets.lostUs = timeUs
    packets.stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#session.close()
  }
}
