import type { Side } from '#model/side.ts'
import type { Outcome } from '#model/transaction.ts'
import { type Frames, needMore, Stream } from '../stream.ts'
import { noCode } from './close-code.ts'
import { close, continuation, Header, payloadByte } from './frame.ts'
import { findFrame } from './resync.ts'

/** Who hears what a side says. */
export interface Hearer {
  /** A message is over, or will not be: then `outcome` says why. */
  message(side: Side, message: Message, outcome: Outcome): void
  /** A control frame is over. */
  control(side: Side, control: Control): void
  /** Bytes were `lost`, or were no frames. */
  broke(lost: boolean): void
}

/** What is known of a message when it is told. */
export interface Message {
  readonly opcode: number
  readonly startUs: number
  /** Of all its frames, as on the wire. */
  readonly bytes: number
  readonly gap: boolean
}

/** A control frame. Made for each: they are few. */
export interface Control {
  readonly opcode: number
  /** Of a CLOSE. */
  readonly code: number
  readonly startUs: number
  readonly endUs: number
  readonly bytes: number
}

/**
 * Reads the frames of one side and puts messages together (RFC 6455, 5.4): control frames may stand between the
 * fragments of a message. Payloads of messages are passed over.
 */
export class Messages implements Frames {
  readonly stream = new Stream(this)
  readonly #hearer: Hearer
  readonly #side: Side
  readonly #header = new Header()
  #isOpen = false
  readonly #message = { opcode: 0, startUs: 0, bytes: 0, gap: false }
  /** Of the frame whose payload passes: its offset, its bytes, whether it is the last of its message. */
  #offset = 0
  #frameBytes = 0
  #isLast = false

  constructor(hearer: Hearer, side: Side) {
    this.#hearer = hearer
    this.#side = side
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header
    const taken = header.parse(bytes, start, end)
    if (taken <= 0) return taken
    if (!header.isControl) return this.#data(header, taken)
    const whole = taken + header.length
    if (whole > end - start) return needMore
    const { opcode } = header
    const code = opcode === close ? closeCode(header, bytes, start + taken) : 0
    const { firstUs: startUs, lastUs: endUs } = this.stream
    this.#hearer.control(this.#side, { opcode, code, startUs, endUs, bytes: whole })
    return whole
  }

  skipped(): void {
    this.#endFrame(this.#frameBytes)
  }

  broken(lost: boolean): void {
    this.#abandon(lost ? 'ok' : 'error')
    this.#hearer.broke(lost)
  }

  /** Nothing more comes. */
  close(): void {
    this.#abandon(this.stream.gapped ? 'ok' : 'error')
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findFrame(bytes, start, end, this.#side)
  }

  #data(header: Header, taken: number): number {
    if (header.opcode !== continuation) this.#begin(header.opcode)
    this.#offset = this.stream.position
    this.#frameBytes = taken + header.length
    this.#isLast = header.isLast
    if (header.length > 0) this.stream.skip(header.length)
    else this.#endFrame(taken)
    return taken
  }

  #begin(opcode: number): void {
    this.#abandon('error')
    this.#isOpen = true
    this.stream.gapped = false
    this.#message.opcode = opcode
    this.#message.startUs = this.stream.firstUs
    this.#message.bytes = 0
  }

  #endFrame(frameBytes: number): void {
    this.#message.bytes += frameBytes
    this.#frameBytes = 0
    if (this.#isLast) this.#tell('ok')
  }

  /** What has come of the message is all there will be. */
  #abandon(outcome: Outcome): void {
    this.#message.bytes += Math.min(this.#frameBytes, this.stream.position - this.#offset)
    this.#frameBytes = 0
    this.#tell(outcome)
  }

  /** Fragments of a message whose beginning was not seen are none. */
  #tell(outcome: Outcome): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#message.gap = this.stream.gapped
    this.#hearer.message(this.#side, this.#message, outcome)
  }
}

/** The first two bytes of a CLOSE (RFC 6455, 5.5.1). */
function closeCode(header: Header, bytes: Uint8Array, payload: number): number {
  if (header.length < 2) return noCode
  const high = payloadByte(header, bytes, payload, 0)
  return high * 256 + payloadByte(header, bytes, payload, 1)
}
