import { ByteReader } from '#lib/byte-reader.ts'
import { clientSide } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { headBytes, neededSize, sizeAt } from './message.ts'
import { findMessage } from './resync.ts'
import type { Session } from './session.ts'
import { readStartup } from './startup.ts'

/** What the client says. */
class ClientMessages implements Frames {
  stream!: Stream
  readonly #session: Session
  readonly #reader = new ByteReader()

  constructor(session: Session) {
    this.#session = session
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] === 0 && !this.#session.started) return this.#startup(bytes, start, end)
    if (end - start < headBytes) return needMore
    const size = sizeAt(clientSide, bytes, start)
    if (size === 0) return notMine
    const needed = neededSize(clientSide, bytes[start], size)
    if (end - start < needed) return needMore
    this.#session.started = true
    this.stream.skip(size - needed)
    this.#reader.reset(bytes, start + headBytes, start + needed)
    this.#message(String.fromCharCode(bytes[start]), size)
    return needed
  }

  broken(): void {
    this.#session.loseRequest()
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findMessage(clientSide, bytes, start, end)
  }

  #startup(bytes: Uint8Array, start: number, end: number): number {
    const reader = this.#reader.reset(bytes, start, end)
    const startup = readStartup(reader)
    if (!startup) return reader.short ? needMore : notMine
    if (end - start < startup.size) return needMore
    this.#session.startup(startup, this.stream.firstUs)
    return startup.size
  }

  #message(type: string, size: number): void {
    const session = this.#session
    const { firstUs } = this.stream
    if (type === 'Q') session.query(this.#statement(), firstUs, size)
    else if (type === 'F') session.ask('FunctionCall', '', firstUs, size)
    else if ('pdcf'.includes(type)) session.addToLast(size)
    else if (type !== 'X') this.#extended(type, size, firstUs)
  }

  /** A statement up to its zero byte, or as much of it as is read. */
  #statement() {
    const { bytes, at, end } = this.#reader
    const past = bytes.indexOf(0, at)
    return this.#session.statements.read(bytes, at, past < 0 || past > end ? end : past)
  }

  #extended(type: string, size: number, timeUs: number): void {
    const { batch } = this.#session
    batch.add(size, timeUs)
    if (this.stream.gapped) batch.gap = true
    this.stream.gapped = false
    if (type === 'S') this.#session.sync(timeUs)
    else if (type === 'H') this.#session.flush(this.stream.lastUs)
    else this.#part(type)
  }

  /** A message that is answered, once the client asks for answers. */
  #part(type: string): void {
    const { batch, statements } = this.#session
    batch.parts++
    batch.flushed = false
    if (type === 'P') this.#parse()
    else if (type === 'B') statements.bind(this.#reader.cstring(), this.#reader.cstring())
    else if (type === 'E') batch.executed(statements.portal(this.#reader.cstring()))
    else if (type === 'C') this.#close()
  }

  #parse(): void {
    const name = this.#reader.cstring()
    const statement = this.#statement()
    this.#session.statements.prepare(name, statement)
    this.#session.batch.parsed(statement)
  }

  #close(): void {
    const kind = this.#reader.u8() === 0x53 ? 'statement' : 'portal'
    this.#session.statements.close(kind, this.#reader.cstring())
    this.#session.batch.closed()
  }
}

/** The client's side of a connection. */
export function clientStream(session: Session): Stream {
  const messages = new ClientMessages(session)
  messages.stream = new Stream(messages)
  return messages.stream
}
