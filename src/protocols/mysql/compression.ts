import type { Frames } from '../stream.ts'
import { needMore, notMine, Stream } from '../stream.ts'
import { headBytes, lengthAt } from './packet.ts'
import { guessCommand } from './resync.ts'
import type { Session } from './session.ts'

/*
 * "Compression" (page_protocol_basic_compression.html): after a login that agreed upon it packets are wrapped:
 *
 *     length (3)  number (1)  length before compression (3)  content
 *
 * The last length is 0 where the content is not compressed, as short ones never are. What is compressed stays closed:
 * it is counted, and its length inside tells what it takes away.
 */
const wrapBytes = 7

/** One side's packets, wrapped or not. */
interface Packets extends Frames {
  stream: Stream
  hiding: boolean
  hide(size: number, number: number): void
}

/** One side of a connection: hands what it says to its packets, unwrapped. */
export class Envelope implements Frames {
  readonly stream = new Stream(this)
  readonly #packets: Packets
  readonly #session: Session
  /** Commands show whether they are wrapped. */
  readonly #asks: boolean
  #inner: Stream | undefined
  /** Bytes of uncompressed content to come. */
  #left = 0

  constructor(session: Session, packets: Packets, asks: boolean) {
    this.#session = session
    this.#packets = packets
    this.#asks = asks
    packets.stream = this.stream
  }

  get heldBytes(): number {
    return this.stream.heldBytes + (this.#inner?.heldBytes ?? 0)
  }

  get hopeless(): boolean {
    return this.stream.hopeless || this.#inner?.hopeless === true
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const session = this.#session
    if (session.wrapping === 'unknown' && this.#asks) {
      const guess = guessWrapping(bytes, start, end)
      if (guess === 'begun') return needMore
      if (guess === 'whole') session.wrapping = 'compressed'
      else if (end > start + 3 && bytes[start + 3] === 0) session.wrapping = 'plain'
    }
    if (session.wrapping !== 'compressed') return this.#packets.frame(bytes, start, end)
    return this.#left > 0 ? this.#stored(bytes, start, end) : this.#wrapped(bytes, start, end)
  }

  skipped(): void {
    if (this.#inner === undefined) this.#packets.skipped?.()
    else if (this.#session.reply.hidden && !this.#asks) {
      this.#session.reply.endUs = this.stream.lastUs
    }
  }

  broken(lost: boolean): void {
    this.#left = 0
    if (this.#inner) this.#open()
    this.#packets.broken(lost)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    if (this.#session.wrapping !== 'compressed') return this.#packets.resync(bytes, start, end)
    for (let at = start; at < end; at++) if (isWrapped(bytes, at, end)) return at
    return -1
  }

  #wrapped(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < wrapBytes) return needMore
    const length = lengthAt(bytes, start)
    const before = lengthAt(bytes, start + headBytes)
    if (length === 0 || (before !== 0 && before < length)) return notMine
    if (before === 0) this.#left = length
    else this.#hide(length, before, bytes[start + 3])
    return wrapBytes
  }

  #stored(bytes: Uint8Array, start: number, end: number): number {
    const taken = Math.min(this.#left, end - start)
    this.#left -= taken
    this.#innerStream().read(bytes, start, start + taken, this.stream.lastUs)
    return taken
  }

  #hide(length: number, before: number, number: number): void {
    const inner = this.#innerStream()
    const { firstUs, lastUs } = this.stream
    inner.firstUs = firstUs
    inner.lastUs = lastUs
    this.#packets.hide(wrapBytes + length, number)
    this.#packets.hiding = true
    inner.gap(before, lastUs)
    this.#packets.hiding = false
    inner.gapped = false
    this.stream.skip(length)
  }

  #innerStream(): Stream {
    return this.#inner ?? this.#open()
  }

  #open(): Stream {
    this.#inner = new Stream(this.#packets)
    this.#packets.stream = this.#inner
    return this.#inner
  }
}

/** Whether a command stands at `at`, wrapped but not compressed. */
export function guessWrapping(
  bytes: Uint8Array,
  at: number,
  end: number,
): ReturnType<typeof guessCommand> {
  for (let i = 3; i < wrapBytes && at + i < end; i++) if (bytes[at + i] !== 0) return 'no'
  if (end - at <= wrapBytes + headBytes) return 'begun'
  const content = at + wrapBytes
  const length = lengthAt(bytes, at)
  if (length < lengthAt(bytes, content) + headBytes) return 'no'
  return guessCommand(bytes, content, end) === 'no' ? 'no' : 'whole'
}

/** Whether a wrapped packet ends with the bytes, and what is compressed begins like it. */
function isWrapped(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at <= wrapBytes + headBytes) return false
  const length = lengthAt(bytes, at)
  if (at + wrapBytes + length !== end) return false
  const before = lengthAt(bytes, at + headBytes)
  const content = at + wrapBytes
  if (before === 0) return lengthAt(bytes, content) + headBytes <= length
  return before > length && isCompressed(bytes, content)
}

/** zlib, or Zstandard. */
const isCompressed = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at] === 0x78 && ((bytes[at] << 8) | bytes[at + 1]) % 31 === 0) ||
  (bytes[at] === 0x28 && bytes[at + 1] === 0xb5 && bytes[at + 2] === 0x2f && bytes[at + 3] === 0xfd)
