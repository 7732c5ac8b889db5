import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { Framing } from './framing.ts'
import { cr, lf, lineEnd, nine, semicolon, space, tab, trimmed, zero } from './line.ts'

/** Longest head; what is longer is broken. Servers allow 8 to 64 KB. */
export const headMax = 64 * 1024
/** Longest line with the size of a chunk. */
const chunkLineMax = 4096

/** No body follows; the body lasts until the connection ends. Other lengths are bytes. */
export const noBody = 0
export const untilClose = Number.POSITIVE_INFINITY
/** The body is chunked. */
export const chunked = -1

/** A start line is none; what follows is a head; there is no head. */
export const noStart = 0
export const headed = 1
export const headless = 2

/** Which part of a message comes next. */
type Part = 'start' | 'fields' | 'body' | 'chunk' | 'trailers'

/** Who hears of the messages of one side, in the order of their parts. */
export interface Hearer {
  /** The start line `bytes[start, end)`, without its line end. Answers `noStart`, `headed`, `headless`. */
  began(bytes: Uint8Array, start: number, end: number): number
  /** The head is over. Answers the length of the body: bytes, `noBody`, `untilClose`, `chunked`. */
  head(framing: Framing): number
  /** The last byte came. */
  ended(): void
  /** What there is of the message at hand, if any, is all there will be. */
  broke(lost: boolean): void
  /** Index at which a message surely begins, or -1. */
  resync(bytes: Uint8Array, start: number, end: number): number
}

/** Reads the messages of one side of HTTP/1 (RFC 9112); bodies are passed over, never looked at. */
export class Messages implements Frames {
  readonly stream = new Stream(this)
  /** Of the head at hand. */
  readonly framing = new Framing()
  /** Of the message at hand: when its first byte came, and its offset. */
  startUs = 0

  readonly #hearer: Hearer
  #part: Part = 'start'
  #startOffset = 0
  #endOffset = 0
  /** The next chunk is not the first: a line end comes before its size. */
  #chunkEnds = false

  constructor(hearer: Hearer) {
    this.#hearer = hearer
  }

  /** Bytes of the message at hand as far as it has come, lost ones included. */
  get bytes(): number {
    return Math.max(this.#endOffset, this.stream.position) - this.#startOffset
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    switch (this.#part) {
      case 'start':
        return this.#start(bytes, start, end)
      case 'chunk':
        return this.#chunk(bytes, start, end)
      default:
        return this.#fields(bytes, start, start, end)
    }
  }

  /** The body, or a chunk, has passed. */
  skipped(): void {
    if (this.#part === 'chunk') return
    this.#endOffset = this.stream.position
    this.#end()
  }

  broken(lost: boolean): void {
    this.#part = 'start'
    this.#hearer.broke(lost)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return this.#hearer.resync(bytes, start, end)
  }

  #start(bytes: Uint8Array, start: number, end: number): number {
    let from = start
    while (from < end && (bytes[from] === cr || bytes[from] === lf)) from++
    const line = lineEnd(bytes, from, end)
    if (line < 0) return this.#wait(bytes, start, from, end)
    this.startUs = this.stream.firstUs
    this.#startOffset = this.stream.position + from - start
    this.framing.reset()
    const kind = this.#hearer.began(bytes, from, trimmed(bytes, from, line))
    if (kind === noStart) return notMine
    this.#part = 'fields'
    this.stream.gapped = false
    if (kind === headless) return this.#endFields(line + 1 - start)
    return this.#fields(bytes, start, line + 1, end)
  }

  /** An unfinished start line: worth waiting for when it is text. */
  #wait(bytes: Uint8Array, start: number, from: number, end: number): number {
    if (from > start) return from - start
    const last = Math.min(end, start + 16)
    for (let i = start; i < last; i++) {
      if (bytes[i] < space && bytes[i] !== cr) return notMine
    }
    return needMore
  }

  /** Reads whole lines from `at` on, and answers how many bytes from `start` on it took. */
  #fields(bytes: Uint8Array, start: number, at: number, end: number): number {
    const { framing } = this
    const { matters } = framing
    let from = at
    while (from < end) {
      const line = lineEnd(bytes, from, end)
      if (line < 0) break
      const first = bytes[from]
      if (first <= cr && trimmed(bytes, from, line) === from) {
        return this.#endFields(line + 1 - start)
      }
      if (matters[first] === 0) framing.pass()
      else if (this.#part === 'fields') framing.read(bytes, from, trimmed(bytes, from, line))
      from = line + 1
    }
    const offset = this.stream.position + from - start
    if (offset - this.#startOffset > headMax && this.#part === 'fields') return this.#refuse()
    return from > start ? from - start : needMore
  }

  /** The empty line: of the head, then the body follows; of the trailers, then all is over. */
  #endFields(taken: number): number {
    this.#endOffset = this.stream.position + taken
    if (this.#part === 'trailers') {
      this.#end()
      return taken
    }
    if (this.#endOffset - this.#startOffset > headMax) return this.#refuse()
    this.#part = 'body'
    const length = this.#hearer.head(this.framing)
    if (length === noBody) this.#end()
    else if (length === chunked) {
      this.#part = 'chunk'
      this.#chunkEnds = false
    } else this.stream.skip(length)
    return taken
  }

  /** What began as a message is none. */
  #refuse(): number {
    this.broken(false)
    return notMine
  }

  /** `\r\n` of the chunk before, then `1a;name=value\r\n` (RFC 9112, 7.1). */
  #chunk(bytes: Uint8Array, start: number, end: number): number {
    let from = start
    if (this.#chunkEnds) {
      if (bytes[from] === cr) from++
      if (from === end) return needMore
      if (bytes[from++] !== lf) return notMine
    }
    const line = lineEnd(bytes, from, end)
    if (line < 0) return end - start > chunkLineMax ? notMine : needMore
    const size = chunkSize(bytes, from, trimmed(bytes, from, line))
    if (size < 0) return notMine
    this.#chunkEnds = true
    this.#endOffset = this.stream.position + line + 1 - start
    if (size === 0) this.#part = 'trailers'
    else this.stream.skip(size)
    return line + 1 - start
  }

  #end(): void {
    this.#part = 'start'
    this.#hearer.ended()
  }
}

/** -1 when it is no size. */
function chunkSize(bytes: Uint8Array, start: number, end: number): number {
  let size = 0
  let at = start
  while (at < end && bytes[at] === space) at++
  const digits = at
  for (let digit = hexDigit(bytes[at]); at < end && digit >= 0; digit = hexDigit(bytes[++at])) {
    size = size * 16 + digit
  }
  if (at === digits || size > Number.MAX_SAFE_INTEGER) return -1
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++
  return at === end || bytes[at] === semicolon ? size : -1
}

function hexDigit(byte: number): number {
  if (byte >= zero && byte <= nine) return byte - zero
  const small = byte | 0x20
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1
}
