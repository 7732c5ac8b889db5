import type { Interner } from '#lib/intern.ts'
import type { Transport } from '#model/flow.ts'
import { clientSide, type Side } from '#model/side.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { detect } from './detect.ts'
import { Fields } from './fields.ts'
import { asks, Header, types } from './header.ts'

/** Ends the service in the name of a call over a connection that several share (TMultiplexedProtocol). */
const colon = 0x3a

/** The message at hand; there is one for each side, filled anew. */
export interface Message {
  type: number
  sequence: number
  method: string
  service: string
  /** See `Fields`. */
  firstId: number | undefined
  code: number | undefined
  startUs: number
  endUs: number
  bytes: number
  gap: boolean
}

/** Who hears the messages of a side. */
export interface Listener {
  heard(message: Message): void
  /** What comes next is in doubt: bytes were `lost`, or were no message. */
  broken(lost: boolean, timeUs: number): void
}

/** Reads the messages of a side: what each begins with, and as little of the rest as shows how it went and where it ends. */
export class Messages implements Frames {
  readonly stream = new Stream(this)
  readonly #side: Side
  readonly #transport: Transport
  readonly #listener: Listener
  readonly #names: Interner
  readonly #header = new Header()
  readonly #fields = new Fields()
  readonly #message: Message = {
    type: 0,
    sequence: 0,
    method: '',
    service: '',
    firstId: undefined,
    code: undefined,
    startUs: 0,
    endUs: 0,
    bytes: 0,
    gap: false,
  }
  #isBegun = false
  /** Nothing more comes but what is skipped. */
  #isEnding = false
  /** Offset of its first byte in the stream. */
  #startOffset = 0
  /** Bytes of its frame that were not read yet; without a frame, Infinity. */
  #left = 0
  /** Bytes to be skipped behind what was read. */
  #skips = 0

  constructor(side: Side, transport: Transport, listener: Listener, options: DecoderOptions) {
    this.#side = side
    this.#transport = transport
    this.#listener = listener
    this.#names = options.interners.named('thrift name')
  }

  /** A datagram is one message. */
  datagram(bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const taken = this.#begin(bytes, start, end)
    if (taken <= 0 || this.#fields.read(bytes, start + taken, end) === notMine) return
    if (!this.#tells) return
    this.#message.startUs = timeUs
    this.#tell(end - start, timeUs, false)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { stream } = this
    let at = start
    if (!this.#isBegun) {
      const taken = this.#begin(bytes, start, end)
      if (taken <= 0) return taken
      const { frameBytes } = this.#header
      this.#isBegun = true
      this.#isEnding = false
      this.#startOffset = stream.position
      this.#message.startUs = stream.firstUs
      this.#left = frameBytes === 0 ? Number.POSITIVE_INFINITY : frameBytes - taken
      stream.gapped = false
      at += taken
    }
    const taken = this.#body(bytes, at, end)
    if (taken === notMine) return notMine
    at += taken
    if (this.#isEnding && this.#skips === 0) this.#end(stream.position + at - start)
    else stream.skip(this.#skips)
    return at > start ? at - start : needMore
  }

  skipped(): void {
    if (this.#isBegun && this.#isEnding) this.#end(this.stream.position)
  }

  broken(lost: boolean): void {
    const { stream } = this
    const left = this.#startOffset + this.#header.frameBytes - stream.position
    // the frame says where the next one begins
    if (lost && this.#isBegun && left > 0) stream.skip(left)
    if (lost && this.#isBegun && this.#tells) {
      this.#tell(stream.position - this.#startOffset, stream.lastUs, true)
    }
    this.#isBegun = false
    this.#listener.broken(lost, stream.lastUs)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    const side = this.#side === clientSide ? 'request' : 'response'
    for (let at = start; at < end; at++) {
      const evidence = detect(bytes, at, end, this.#transport)
      if (evidence === 'maybe' || evidence === side) return at
      if (at === start && evidence === `weak-${side}`) return at
    }
    return -1
  }

  /** Reads the header; answers as `Header.read`. */
  #begin(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header
    const taken = header.read(bytes, start, end, this.#transport)
    if (taken <= 0) return taken
    if (asks(header.type) !== (this.#side === clientSide)) return notMine
    const { nameStart, nameEnd } = header
    const separator = colonAt(bytes, nameStart, nameEnd)
    const names = this.#names
    const message = this.#message
    message.type = header.type
    message.sequence = header.sequence
    message.method = names.text(bytes, separator < 0 ? nameStart : separator + 1, nameEnd)
    message.service = separator < 0 ? '' : names.text(bytes, nameStart, separator)
    const isFramed = header.frameBytes > 0
    this.#fields.begin(header.form === 'compact', isFramed && header.type === types.reply)
    return taken
  }

  /** Answers how many bytes it took (0: there must be more), or `notMine`. Of a frame no more is read than is told. */
  #body(bytes: Uint8Array, at: number, end: number): number {
    const fields = this.#fields
    const isFramed = this.#left !== Number.POSITIVE_INFINITY
    const endsHere = at + this.#left <= end
    let taken = 0
    this.#skips = 0
    if (!isFramed || !this.#tells) {
      taken = fields.read(bytes, at, Math.min(end, at + this.#left))
      if (taken === notMine || taken + fields.skipBytes > this.#left) return notMine
      this.#left -= taken + fields.skipBytes
      this.#skips = fields.skipBytes
    }
    this.#isEnding = isFramed ? endsHere || this.#tells || this.#left === 0 : fields.isWhole
    if (isFramed && this.#isEnding) {
      const rest = Math.min(this.#left, end - at - taken)
      taken += rest
      this.#skips += this.#left - rest
      this.#left = 0
    }
    return taken
  }

  /** What was read of it is all that there is to tell. */
  get #tells(): boolean {
    const { type } = this.#message
    const { firstId, code, isWhole } = this.#fields
    if (asks(type) || isWhole) return true
    return type === types.exception ? code !== undefined : firstId !== undefined
  }

  #end(endOffset: number): void {
    this.#isBegun = false
    this.#tell(endOffset - this.#startOffset, this.stream.lastUs, this.stream.gapped)
    this.stream.gapped = false
  }

  #tell(bytes: number, endUs: number, gap: boolean): void {
    const message = this.#message
    message.firstId = this.#fields.firstId
    message.code = this.#fields.code
    message.bytes = bytes
    message.endUs = endUs
    message.gap = gap
    this.#listener.heard(message)
  }
}

function colonAt(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === colon) return at
  return -1
}
