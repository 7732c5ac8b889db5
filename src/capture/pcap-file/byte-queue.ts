/** Where bytes come from, in order. */
export interface Input {
  /** Copies up to `countMax` bytes to `bytes[at...]` and answers how many; 0 at the end. Waits when there are none yet. */
  read(bytes: Uint8Array, at: number, countMax: number): number
  /** Why the end came too early, when it did. */
  readonly fault: 'cut' | 'damaged' | undefined
  close(): void
}

/** Room at the start: small enough to stay in the processor's cache, large enough that reads are few. */
const roomBytes = 256 * 1024

/**
 * The stretch of an input that is in memory.
 *
 *     bytes  ..given..|......at hand......|...room...|
 *                     ^start              ^end
 */
export class ByteQueue {
  bytes = new Uint8Array(roomBytes)
  view = new DataView(this.bytes.buffer)
  start = 0
  end = 0
  /** Bytes taken from the input so far. */
  bytesRead = 0
  readonly #input: Input

  constructor(input: Input) {
    this.#input = input
  }

  /** True when `count` bytes are at hand, after reading on where needed; false: the input ends before. */
  need(count: number): boolean {
    return this.end - this.start >= count || this.#fill(count)
  }

  /** Passes over `count` bytes, however many; false: the input ends before. */
  skip(count: number): boolean {
    let left = count
    while (left > this.end - this.start) {
      left -= this.end - this.start
      this.start = this.end
      if (!this.need(1)) return false
    }
    this.start += left
    return true
  }

  #fill(count: number): boolean {
    this.#makeRoom(count)
    while (this.end < count) {
      const got = this.#input.read(this.bytes, this.end, this.bytes.length - this.end)
      if (got === 0) return false
      this.end += got
      this.bytesRead += got
    }
    return true
  }

  #makeRoom(count: number): void {
    if (count > this.bytes.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(count)))
      larger.set(this.bytes.subarray(this.start, this.end))
      this.bytes = larger
      this.view = new DataView(larger.buffer)
    } else {
      this.bytes.copyWithin(0, this.start, this.end)
    }
    this.end -= this.start
    this.start = 0
  }
}
