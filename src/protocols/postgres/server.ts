import { ByteReader } from '#lib/byte-reader.ts'
import { serverSide } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { headBytes, neededSize, sizeAt } from './message.ts'
import type { ServerError } from './reply.ts'
import { findMessage } from './resync.ts'
import type { Session } from './session.ts'

/** Fields of an error that are looked through. */
const fieldsMax = 16

/** What the server says. */
class ServerMessages implements Frames {
  stream!: Stream
  readonly #session: Session
  readonly #reader = new ByteReader()

  constructor(session: Session) {
    this.#session = session
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const byte = String.fromCharCode(bytes[start])
    if (byte !== 'E' && this.#session.awaitsEncryption(this.stream.firstUs))
      return this.#encryption(byte)
    if (end - start < headBytes) return needMore
    const size = sizeAt(serverSide, bytes, start)
    if (size === 0) return notMine
    const needed = neededSize(serverSide, bytes[start], size)
    if (end - start < needed) return needMore
    this.stream.skip(size - needed)
    this.#session.heard(size, this.stream.firstUs)
    this.#reader.reset(bytes, start + headBytes, start + needed)
    this.#message(byte)
    return needed
  }

  broken(): void {
    this.#session.loseReply()
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findMessage(serverSide, bytes, start, end)
  }

  /** `S`: TLS follows. `G`: GSSAPI encryption follows. `N`: the client may go on as it is. */
  #encryption(byte: string): number {
    if (byte !== 'S' && byte !== 'G' && byte !== 'N') return notMine
    this.#session.encryption(byte === 'N' ? 'refused' : 'accepted', byte, this.stream.firstUs)
    if (byte !== 'N') this.stream.stop()
    return 1
  }

  #message(type: string): void {
    const session = this.#session
    if (this.stream.gapped) session.gapInReply()
    this.stream.gapped = false
    const { lastUs } = this.stream
    if (type === 'Z' || type === 'W') session.answer(lastUs)
    else if (type === 'C' || type === 'I' || type === 's' || type === 'V') session.completed()
    else if (type === 'E') session.failed(readError(this.#reader), lastUs)
    else if (type === 'G') session.copyIn()
    else if (type === 'R' && this.#reader.u32() !== 0) session.challenged()
    if ('123nTCIs'.includes(type)) session.answerPart(lastUs)
  }
}

/** Severity and SQLSTATE (PostgreSQL documentation, "Error and Notice Message Fields"). `V` is the severity untranslated. */
function readError(reader: ByteReader): ServerError {
  let severity = ''
  let sqlstate = ''
  for (let i = 0; i < fieldsMax; i++) {
    const field = String.fromCharCode(reader.u8())
    const text = reader.cstring()
    if (reader.short) break
    if (field === 'V' || (field === 'S' && severity === '')) severity = text
    if (field === 'C') sqlstate = text
  }
  const known = /^[0-9A-Z]{5}$/.test(sqlstate)
  const fatal = severity === 'FATAL' || severity === 'PANIC'
  return { sqlstate: known ? sqlstate : 'ERROR', fatal }
}

/** The server's side of a connection. */
export function serverStream(session: Session): Stream {
  const messages = new ServerMessages(session)
  messages.stream = new Stream(messages)
  return messages.stream
}
