import { uint24 } from '#lib/bytes.ts'

/** Type and length of a message. */
const headBytes = 4
/** A message longer than this is none (chains of certificates are the longest). */
const sizeMax = 256 * 1024
/** Greatest type of message there is (RFC 8446 section 4), and two that stand apart. */
const typeMax = 25
const typesApart: readonly number[] = [67, 254]

/** Who is told the messages of a handshake. */
export interface Heard {
  /** How many bytes behind the head of such a message are to be read; 0: it is passed over. */
  wants(type: number): number
  /** A message that was wanted, or as much of it as was: `bytes[start, end)`, without its head. */
  message(type: number, bytes: Uint8Array, start: number, end: number): void
}

/**
 * Puts together the messages of one side's handshake from pieces of records, which know nothing of them: many in one,
 * one in many. What is wanted is read in place when it lies whole in a piece, and is kept until then when not.
 */
export class Messages {
  readonly #heard: Heard
  /** Bytes of the message at hand that are passed over. */
  #passing = 0
  /** What is kept of the message at hand, how long that is, and how long it has to be to be read. */
  #kept: Uint8Array | undefined
  #length = 0
  #goal = 0

  constructor(heard: Heard) {
    this.#heard = heard
  }

  /** Bytes kept of a message that is not all there. */
  get heldBytes(): number {
    return this.#kept?.length ?? 0
  }

  /** Bytes that nobody wants to see. */
  get passing(): number {
    return this.#passing
  }

  /** So many of them need not be shown. */
  pass(length: number): void {
    this.#passing -= length
  }

  /** A piece of a record. False: these are no messages (but encrypted ones). */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      if (this.#passing > 0) at += this.#passOver(end - at)
      else {
        const taken =
          this.#length > 0 ? this.#readKept(bytes, at, end) : this.#readInPlace(bytes, at, end)
        if (taken === 0) return false
        at += taken
      }
    }
    return true
  }

  /** What is half read is of no use. */
  drop(): void {
    this.#passing = 0
    this.#length = 0
    this.#kept = undefined
  }

  #passOver(length: number): number {
    const passed = Math.min(this.#passing, length)
    this.#passing -= passed
    return passed
  }

  /** Answers how many bytes it took; 0: there is no message. */
  #readInPlace(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < headBytes) return this.#keep(bytes, at, end)
    const size = sizeAt(bytes, at)
    if (size === 0) return 0
    const wanted = this.#wanted(bytes[at], size)
    if (end - at < wanted) {
      this.#goal = wanted
      return this.#keep(bytes, at, end)
    }
    this.#told(bytes, at, wanted, size)
    return wanted
  }

  /** The head first, which says how much is wanted, then that. */
  #readKept(bytes: Uint8Array, at: number, end: number): number {
    const isHead = this.#length < headBytes
    const goal = isHead ? headBytes : this.#goal
    const taken = this.#keep(bytes, at, Math.min(end, at + goal - this.#length))
    if (this.#length < goal) return taken
    const kept = this.#kept!
    const size = sizeAt(kept, 0)
    if (size === 0) return 0
    if (isHead) this.#goal = this.#wanted(kept[0], size)
    if (this.#length === this.#goal) {
      this.drop()
      this.#told(kept, 0, this.#goal, size)
    }
    return taken
  }

  #wanted(type: number, size: number): number {
    return Math.min(size, headBytes + this.#heard.wants(type))
  }

  #told(bytes: Uint8Array, at: number, wanted: number, size: number): void {
    this.#passing = size - wanted
    if (wanted > headBytes) this.#heard.message(bytes[at], bytes, at + headBytes, at + wanted)
  }

  #keep(bytes: Uint8Array, start: number, end: number): number {
    const length = this.#length + end - start
    if (!this.#kept || this.#kept.length < length) {
      const larger = new Uint8Array(Math.max(256, length * 2))
      if (this.#kept) larger.set(this.#kept.subarray(0, this.#length))
      this.#kept = larger
    }
    this.#kept.set(bytes.subarray(start, end), this.#length)
    this.#length = length
    return end - start
  }
}

/** Size of the message at `at`, with its head; 0: there is none. */
function sizeAt(bytes: Uint8Array, at: number): number {
  const type = bytes[at]
  if (type > typeMax && !typesApart.includes(type)) return 0
  const size = headBytes + uint24(bytes, at + 1)
  return size <= sizeMax ? size : 0
}
