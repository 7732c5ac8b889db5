import { type Operation, wordsMax } from './operations.ts'

/** Longest line that is waited for: INFO and CONNECT carry JSON, with lists of servers and tokens in it. */
export const lineMax = 32 * 1024

/**
 * A control line, `PUB subject reply 5\r\n`: its words and the lengths that end it. One serves a reader; it is filled
 * anew for each line. A line may end with `\n` alone, words may be parted by several spaces or tabs.
 */
export class Line {
  /** Index behind the line. */
  end = 0
  /** Words behind the operation. */
  count = 0
  readonly starts = new Uint32Array(wordsMax)
  readonly ends = new Uint32Array(wordsMax)
  /** Bytes of the headers, and of headers and payload together. */
  headerBytes = 0
  payloadBytes = 0

  /** Reads the line whose operation begins at `start`. */
  read(
    operation: Operation,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): 'read' | 'unfinished' | 'wrong' {
    this.count = 0
    const behind = this.#words(bytes, start + operation.name.length, Math.min(end, start + lineMax))
    if (behind < 0) return end - start < lineMax ? 'unfinished' : 'wrong'
    this.end = behind
    if (this.count < operation.wordsMin || this.count > operation.wordsMax) return 'wrong'
    return this.#lengths(operation.lengths, bytes) ? 'read' : 'wrong'
  }

  /** Index behind the line, or -1. */
  #words(bytes: Uint8Array, start: number, end: number): number {
    let from = -1
    for (let i = start; i < end; i++) {
      const byte = bytes[i]
      if (byte > 0x20) {
        if (from < 0) from = i
      } else if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a) {
        if (from >= 0) this.#add(from, i)
        from = -1
        if (byte === 0x0a) return i + 1
      } else if (from < 0) from = i
    }
    return -1
  }

  /** Beyond `wordsMax` only the last two are of interest. */
  #add(start: number, end: number): void {
    const { starts, ends } = this
    const last = wordsMax - 1
    if (this.count > last) {
      starts[last - 1] = starts[last]
      ends[last - 1] = ends[last]
    }
    const index = Math.min(this.count, last)
    starts[index] = start
    ends[index] = end
    this.count = index + 1
  }

  #lengths(lengths: Operation['lengths'], bytes: Uint8Array): boolean {
    this.headerBytes = 0
    this.payloadBytes = 0
    if (lengths === 0) return true
    this.payloadBytes = this.#number(bytes, this.count - 1)
    if (lengths === 2) this.headerBytes = this.#number(bytes, this.count - 2)
    return this.payloadBytes >= 0 && this.headerBytes >= 0 && this.headerBytes <= this.payloadBytes
  }

  /** A length of up to nine digits; -1: none. */
  #number(bytes: Uint8Array, index: number): number {
    const start = this.starts[index]
    const end = this.ends[index]
    if (end - start > 9) return -1
    let number = 0
    for (let i = start; i < end; i++) {
      const digit = bytes[i] - 0x30
      if (digit < 0 || digit > 9) return -1
      number = number * 10 + digit
    }
    return number
  }
}
