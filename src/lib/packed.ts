const bytesFirst = 256
/** More bytes than any number takes. */
const numberBytesMax = 8

/**
 * Whole numbers from 0 to 2^53, one after another, small ones small: seven bits a byte, the lowest first; the eighth bit
 * says that more follow. For what is kept in great numbers: it is outside the heap, and nobody has to look through it.
 */
export class Packed {
  #bytes = new Uint8Array(bytesFirst)
  #length = 0

  push(number: number): void {
    const isFull = this.#length + numberBytesMax > this.#bytes.length
    if (isFull) this.#resize(bytesFirst + this.#bytes.length * 2)
    let rest = Math.min(number, Number.MAX_SAFE_INTEGER)
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#length++] = rest
  }

  /** What was pushed so far, shared and not copied: read it before the next push. */
  read(): PackedReader {
    return new PackedReader(this.#bytes, this.#length)
  }

  /** Bytes that it holds, those in reserve too. */
  get byteLength(): number {
    return this.#bytes.length
  }

  /** Gives the reserve back: little is expected to come. */
  trim(): void {
    if (this.#length < this.#bytes.length) this.#resize(this.#length)
  }

  #resize(length: number): void {
    const bytes = new Uint8Array(length)
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
}

/** Reads numbers in the order in which they were pushed. */
export class PackedReader {
  readonly #bytes: Uint8Array
  readonly #length: number
  #at = 0

  constructor(bytes: Uint8Array, length: number) {
    this.#bytes = bytes
    this.#length = length
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#length
  }

  /** The next number; ask `isAtEnd` before. */
  next(): number {
    const first = this.#bytes[this.#at++]
    if (first < 0x80) return first
    let number = first & 0x7f
    for (let unit = 0x80; ; unit *= 0x80) {
      const byte = this.#bytes[this.#at++]
      number += (byte & 0x7f) * unit
      if (byte < 0x80) return number
    }
  }
  /** Passes over so many numbers; ask `isAtEnd` before. */
  skip(count: number): void {
    for (let left = count; left > 0; ) if (this.#bytes[this.#at++] < 0x80) left--
  }
}
