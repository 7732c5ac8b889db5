import { clientSide, type Side } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import type { Handshake } from './handshake.ts'
import { Messages } from './messages.ts'
import { contentLength, contents, headBytes, mayBeRecords } from './record.ts'
import { oldHelloHeadBytes, oldHelloSize } from './sslv2.ts'

/** Type, version, length, and what a readable alert holds. */
const alertBytes = headBytes + 2

/** The records of one side: what can be read of them goes to the handshake, the rest is passed over. */
export class Records implements Frames {
  readonly stream = new Stream(this)
  readonly #handshake: Handshake
  readonly #side: Side
  readonly #messages: Messages
  /** The record at hand; `#left` bytes of its messages are not read yet. */
  #type = 0
  #length = 0
  #left = 0

  constructor(handshake: Handshake, side: Side) {
    this.#handshake = handshake
    this.#side = side
    this.#messages = new Messages({
      wants: type => handshake.wants(side, type),
      message: (type, bytes, start, end) => handshake.message(side, type, bytes, start, end),
    })
  }

  get heldBytes(): number {
    return this.stream.heldBytes + this.#messages.heldBytes
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#left > 0) return this.#readMessages(bytes, start, end)
    if (this.#isOld(bytes[start])) return this.#oldHello(bytes, start, end)
    if (end - start < headBytes) return mayBeRecords(bytes, start, end) ? needMore : notMine
    const length = contentLength(bytes, start)
    if (length === 0) return notMine
    const type = bytes[start]
    if (type === contents.alert && length === 2) return this.#alert(bytes, start, end)
    this.#begin(type, headBytes + length)
    this.#length = length
    if (type === contents.handshake && !this.#handshake.isSealed(this.#side)) this.#left = length
    else this.stream.skip(length)
    return headBytes
  }

  skipped(): void {
    if (this.#left > 0) return
    this.#handshake.record(this.#side, this.#type, this.#length, this.stream.lastUs)
  }

  broken(): void {
    this.#left = 0
    this.#messages.drop()
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) if (mayBeRecords(bytes, at, end)) return at
    return -1
  }

  #begin(type: number, size: number): void {
    const { firstUs, position } = this.stream
    this.#type = type
    this.#handshake.begin(this.#side, firstUs, position + size)
  }

  /** What nobody wants of a message is skipped, so that it may be lost too. */
  #readMessages(bytes: Uint8Array, start: number, end: number): number {
    const taken = Math.min(this.#left, end - start)
    const messages = this.#messages
    this.#left -= taken
    const areMessages = messages.read(bytes, start, start + taken)
    if (!areMessages) messages.drop()
    const unwanted = areMessages ? Math.min(messages.passing, this.#left) : this.#left
    messages.pass(areMessages ? unwanted : 0)
    this.#left -= unwanted
    this.stream.skip(unwanted)
    if (unwanted === 0) this.skipped()
    return taken
  }

  #alert(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < alertBytes) return needMore
    this.#begin(contents.alert, alertBytes)
    const [level, description] = [bytes[start + headBytes], bytes[start + headBytes + 1]]
    this.#handshake.alert(this.#side, level, description, this.stream.lastUs)
    return alertBytes
  }

  #isOld(first: number): boolean {
    return first >= 0x80 && this.#side === clientSide && this.stream.position === 0
  }

  #oldHello(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < oldHelloHeadBytes) return needMore
    const size = oldHelloSize(bytes, start)
    if (size === 0) return notMine
    if (end - start < size) return needMore
    this.#begin(contents.handshake, size)
    this.#handshake.oldHello()
    return size
  }
}
