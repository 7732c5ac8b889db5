/** Bytes of one block of lines; a longer line gets a block of its own. */
const blockBytes = 1024 * 1024

interface Block {
  readonly bytes: Buffer
  used: number
}

/**
 * Prints lines in order of their time, though they come in any. Holds up to `bytesMax`; then all that is held is printed,
 * and lines that are older than what was printed come late and are counted. Lines wait as bytes outside the heap: a
 * million waiting strings would cost more than decoding them.
 */
export class Ordered {
  /** Lines printed out of order because too many were held. */
  late = 0
  readonly #write: (bytes: Uint8Array) => void
  readonly #bytesMax: number
  #blocks: Block[] = []
  #times: number[] = []
  /** Block, start and end of each line, in turn. */
  #places: number[] = []
  #isInOrder = true
  #lastUs = Number.NEGATIVE_INFINITY
  #printedUs = Number.NEGATIVE_INFINITY

  constructor(write: (bytes: Uint8Array) => void, bytesMax = 1024 * 1024 * 1024) {
    this.#write = write
    this.#bytesMax = bytesMax
  }

  add(timeUs: number, line: string): void {
    if (timeUs < this.#printedUs) this.late++
    if (timeUs < this.#lastUs) this.#isInOrder = false
    this.#lastUs = timeUs
    const block = this.#roomFor(line.length * 3 + 1)
    const start = block.used
    block.used += block.bytes.write(line, start)
    block.bytes[block.used++] = 10
    this.#times.push(timeUs)
    this.#places.push(this.#blocks.length - 1, start, block.used)
    if (this.#blocks.length * blockBytes >= this.#bytesMax) this.flush()
  }

  /** Prints all that is held. */
  flush(): void {
    if (this.#isInOrder)
      for (const { bytes, used } of this.#blocks) this.#write(bytes.subarray(0, used))
    else this.#printSorted()
    for (const timeUs of this.#times) if (timeUs > this.#printedUs) this.#printedUs = timeUs
    this.#blocks = []
    this.#times = []
    this.#places = []
    this.#isInOrder = true
    this.#lastUs = Number.NEGATIVE_INFINITY
  }

  #roomFor(bytes: number): Block {
    const last = this.#blocks.at(-1)
    if (last && last.used + bytes <= last.bytes.length) return last
    const block = { bytes: Buffer.allocUnsafe(Math.max(blockBytes, bytes)), used: 0 }
    this.#blocks.push(block)
    return block
  }

  #printSorted(): void {
    const order = Array.from(this.#times.keys()).sort((a, b) => this.#times[a] - this.#times[b])
    const page = Buffer.allocUnsafe(blockBytes)
    let used = 0
    for (const i of order) {
      const line = this.#line(i)
      if (used + line.length > page.length) {
        this.#write(page.subarray(0, used))
        used = 0
      }
      if (line.length > page.length) this.#write(line)
      else used += line.copy(page, used)
    }
    this.#write(page.subarray(0, used))
  }

  #line(i: number): Buffer {
    const [block, start, end] = this.#places.slice(i * 3, i * 3 + 3)
    return this.#blocks[block].bytes.subarray(start, end)
  }
}
