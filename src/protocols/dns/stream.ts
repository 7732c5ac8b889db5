import { uint16 } from '#lib/bytes.ts'
import { carryMax, type Frames, needMore, notMine, Stream } from '../stream.ts'
import { headerBytes } from './message.ts'

/** Bytes of a message that are read: what a stream can carry, all but two of the longest. */
const readMax = carryMax - 3

/** Gets each message: `bytes[start, end)` of it are here, `length` it has. */
export type MessageSink = (
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
  stream: Stream,
) => void

/** Messages over TCP: two bytes of length, then the message (RFC 1035 section 4.2.2). */
class Messages implements Frames {
  stream!: Stream
  readonly #sink: MessageSink
  readonly #lose: () => void

  constructor(sink: MessageSink, lose: () => void) {
    this.#sink = sink
    this.#lose = lose
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 2) return needMore
    const length = uint16(bytes, start)
    if (length < headerBytes) return notMine
    const read = Math.min(length, readMax)
    if (end - start < 2 + read) return needMore
    this.stream.skip(length - read)
    this.#sink(bytes, start + 2, start + 2 + read, length, this.stream)
    return 2 + read
  }

  broken(): void {
    this.#lose()
  }

  /** After a loss the next segment most likely begins a message: its length is then that of the message, or longer. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    const length = uint16(bytes, start)
    return end - start > headerBytes + 2 && length === end - start - 2 ? start : -1
  }
}

/** One side of a DNS connection over TCP. */
export function messageStream(sink: MessageSink, lose: () => void): Stream {
  const messages = new Messages(sink, lose)
  messages.stream = new Stream(messages)
  return messages.stream
}
