import { ByteReader } from '#lib/byte-reader.ts'
import { uint32le } from '#lib/bytes.ts'
import { nameText } from '../name-text.ts'
import type { Waiting } from '../pair.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { type Command, codes, commands, forms } from './commands.ts'
import { loginRead, readChange, readLogin } from './login.ts'
import { headBytes, lengthAt, lengthMax } from './packet.ts'
import { statementStart } from './query.ts'
import { findCommand } from './resync.ts'
import type { Session } from './session.ts'

/** What the client says. */
export class ClientPackets implements Frames {
  stream = new Stream(this)
  /** What is lost now is only compressed. */
  hiding = false
  readonly #session: Session
  readonly #reader = new ByteReader()
  /** The packet before was of the greatest length: this one goes on with it. */
  #continues = false

  constructor(session: Session) {
    this.#session = session
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < headBytes) return needMore
    const length = lengthAt(bytes, start)
    const number = bytes[start + 3]
    if (this.#continues) return this.#more(length, number)
    if (this.#session.copying) return this.#copied(length)
    return number === 0
      ? this.#command(bytes, start, end, length)
      : this.#talk(bytes, start, end, length)
  }

  skipped(): void {
    if (this.stream.gapped) this.#session.gapInRequest()
    this.stream.gapped = false
  }

  broken(): void {
    this.#continues = false
    if (!this.hiding) this.#session.loseRequest()
  }

  /** A compressed packet of `size` bytes came. The first of each command has number 0. */
  hide(size: number, number: number): void {
    this.#continues = false
    this.#session.commanded = true
    if (number === 0) this.#session.askHidden(this.stream.firstUs, size)
    else this.#session.addToLast(size)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findCommand(bytes, start, end)
  }

  #pass(length: number): number {
    this.stream.skip(length)
    return headBytes
  }

  #more(length: number, number: number): number {
    this.#continues = length === lengthMax
    this.#session.continued(headBytes + length, number)
    return this.#pass(length)
  }

  /** Part of a file; an empty packet is its end. */
  #copied(length: number): number {
    this.#session.addToLast(headBytes + length)
    if (length === 0) this.#session.copying = false
    return this.#pass(length)
  }

  /** Login and what follows up to its end; in midstream also the end of a file. */
  #talk(bytes: Uint8Array, start: number, end: number, length: number): number {
    const session = this.#session
    if (!session.commanded && !session.isAsked(this.stream.firstUs)) {
      return this.#login(bytes, start, end, length)
    }
    session.addToLast(headBytes + length)
    return this.#pass(length)
  }

  #login(bytes: Uint8Array, start: number, end: number, length: number): number {
    const session = this.#session
    const needed = Math.min(length, loginRead)
    if (end - start < headBytes + needed) return needMore
    const at = start + headBytes
    const login = readLogin(this.#reader.reset(bytes, at, at + needed), length)
    if (!login) return notMine
    session.login(login, this.stream.firstUs, headBytes + length)
    if (session.handedOver) this.stream.stop()
    this.stream.skip(length - needed)
    return headBytes + needed
  }

  #command(bytes: Uint8Array, start: number, end: number, length: number): number {
    if (length === 0) return notMine
    if (end - start <= headBytes) return needMore
    const at = start + headBytes
    const command = commands[bytes[at]]
    if (!command) return this.#session.streaming ? this.#pass(length) : notMine
    const needed = Math.min(length, command.readMax)
    if (end - at < needed) return needMore
    this.#continues = length === lengthMax
    this.#session.commanded = true
    this.#session.settle()
    this.#run(command, bytes, at, at + needed, headBytes + length)
    this.stream.skip(length - needed)
    return headBytes + needed
  }

  #run(command: Command, bytes: Uint8Array, at: number, end: number, size: number): void {
    const asked = this.#ask(command, bytes, at, end)
    if (asked) {
      asked.bytes += size
      if (this.stream.gapped) asked.gap = true
    } else if (bytes[at] === codes.longData) this.#session.sendAhead(size)
    this.stream.gapped = false
  }

  #ask(command: Command, bytes: Uint8Array, at: number, end: number): Waiting | undefined {
    const session = this.#session
    const { firstUs } = this.stream
    const { name, form, subject } = command
    if (subject === 'prepared') return this.#prepared(command, bytes, at, end)
    if (form === forms.none) return undefined
    if (subject === 'statement') {
      const code = bytes[at]
      const start = code === codes.query ? statementStart(bytes, at + 1, end) : at + 1
      const statement = session.statements.read(bytes, start, end)
      if (code === codes.prepare) return session.prepare(statement, firstUs)
      return session.ask(statement.verb || name, statement.text, form, firstUs)
    }
    const resource = this.#resource(command, bytes, at + 1, end)
    if (name === 'CHANGE_USER' || name === 'RESET_CONNECTION') session.statements.clear()
    return session.ask(name, resource, form, firstUs)
  }

  /** Of what names a prepared statement. */
  #prepared(
    { name, form }: Command,
    bytes: Uint8Array,
    at: number,
    end: number,
  ): Waiting | undefined {
    const { statements } = this.#session
    const id = end - at >= 5 ? uint32le(bytes, at + 1) : 0
    if (bytes[at] === codes.close) statements.close(id)
    if (form === forms.none) return undefined
    const { text, verb } = statements.find(id)
    const method = name === 'EXECUTE' ? verb || name : name
    return this.#session.ask(method, text, form, this.stream.firstUs)
  }

  /** Database, table or user. */
  #resource({ subject }: Command, bytes: Uint8Array, start: number, end: number): string {
    if (subject === 'user') return readChange(this.#reader.reset(bytes, start, end))
    if (subject === 'nothing') return ''
    const zero = bytes.indexOf(0, start)
    return nameText(bytes, start, zero < 0 || zero > end ? end : zero)
  }
}
