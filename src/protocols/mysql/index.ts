import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions, Handover, Protocol } from '../protocol.ts'
import { ClientPackets } from './client.ts'
import { Envelope } from './compression.ts'
import { detect } from './detect.ts'
import { ServerPackets } from './server.ts'
import { Session } from './session.ts'

/**
 * MySQL and MariaDB ("MySQL Client/Server Protocol", https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html;
 * https://mariadb.com/kb/en/clientserver-protocol/). Method is the statement's verb or the command without `COM_`,
 * resource the statement with its literals replaced, status `OK` or the number of the error: 1064, as those who run
 * MySQL say it, and OpenTelemetry (`db.response.status_code`); its SQLSTATE says too little.
 */
export const mysql: Protocol = {
  name: 'mysql',
  title: 'MySQL',
  role: 'store',
  transports: ['tcp'],
  ports: [3306],
  detect,
  open: (done, options) => new MysqlDecoder(done, options),
}

class MysqlDecoder implements Decoder {
  readonly #session: Session
  readonly #sides: readonly [Envelope, Envelope]

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    const session = new Session(done, options)
    this.#session = session
    this.#sides = [
      new Envelope(session, new ClientPackets(session), true),
      new Envelope(session, new ServerPackets(session), false),
    ]
  }

  /** To TLS, which is recognised by its own bytes. */
  get handover(): Handover | undefined {
    return this.#session.handedOver ? { restStart: this.#sides[0].stream.restStart } : undefined
  }

  get heldBytes(): number {
    return this.#sides[0].heldBytes + this.#sides[1].heldBytes + this.#session.heldBytes
  }

  get lost(): boolean {
    return this.#sides[0].hopeless || this.#sides[1].hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#sides[side].stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#sides[side].stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#session.close()
  }
}
