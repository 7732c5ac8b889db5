import { LineWriter } from './line-writer.ts'

/** Bytes of one block of lines; a longer line gets a block of its own. */
const blockBytes = 1024 * 1024
/** Numbers that say where a line is: block, start and end. */
const placeLength = 3

interface Block {
  readonly bytes: Uint8Array<ArrayBuffer>
  used: number
}

/** Lines in order of their time. Line `i` is `blocks[places[3i]]`, from `places[3i + 1]` up to `places[3i + 2]`. */
export interface Batch {
  readonly times: Float64Array<ArrayBuffer>
  readonly places: Uint32Array<ArrayBuffer>
  readonly blocks: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * Holds lines until all that could stand before them have come: they are written in any order, and given in order of
 * their time. Holds up to `bytesMax`; then all that is held is given. Lines wait as bytes outside the heap: a
 * million waiting strings would cost more than decoding them.
 */
export class HeldLines {
  readonly #give: (batch: Batch) => void
  readonly #bytesMax: number
  readonly #writer = new LineWriter()
  #blocks: Block[] = []
  #times: number[] = []
  #places: number[] = []
  #isInOrder = true
  #lastUs = Number.NEGATIVE_INFINITY

  constructor(give: (batch: Batch) => void, bytesMax: number) {
    this.#give = give
    this.#bytesMax = bytesMax
  }

  /** Begins a line of that time, of at most so many bytes: what is written until `end` is the line. */
  begin(timeUs: number, bytesMax: number): LineWriter {
    if (timeUs < this.#lastUs) this.#isInOrder = false
    this.#lastUs = timeUs
    const { bytes, used } = this.#roomFor(bytesMax + 1)
    this.#times.push(timeUs)
    const writer = this.#writer
    writer.bytes = bytes
    writer.at = used
    return writer
  }

  end(): void {
    const block = this.#blocks[this.#blocks.length - 1]
    this.#writer.end()
    this.#places.push(this.#blocks.length - 1, block.used, this.#writer.at)
    block.used = this.#writer.at
    if (this.#blocks.length * blockBytes >= this.#bytesMax) this.flush()
  }

  /** Gives all that is held. */
  flush(): void {
    if (this.#times.length > 0) {
      const blocks = this.#blocks.map(block => block.bytes)
      const { times, places } = this.#isInOrder ? this.#asWritten() : this.#sorted()
      this.#give({ times, places, blocks })
    }
    this.#blocks = []
    this.#times = []
    this.#places = []
    this.#isInOrder = true
    this.#lastUs = Number.NEGATIVE_INFINITY
  }

  #roomFor(bytes: number): Block {
    const last = this.#blocks[this.#blocks.length - 1]
    if (last && last.used + bytes <= last.bytes.length) return last
    const block = { bytes: new Uint8Array(Math.max(blockBytes, bytes)), used: 0 }
    this.#blocks.push(block)
    return block
  }

  #asWritten(): Pick<Batch, 'times' | 'places'> {
    return { times: Float64Array.from(this.#times), places: Uint32Array.from(this.#places) }
  }

  #sorted(): Pick<Batch, 'times' | 'places'> {
    const held = this.#asWritten()
    const count = held.times.length
    const order = Uint32Array.from({ length: count }, (_, i) => i)
    order.sort((a, b) => held.times[a] - held.times[b] || a - b)
    const times = new Float64Array(count)
    const places = new Uint32Array(count * placeLength)
    for (let i = 0; i < count; i++) {
      times[i] = held.times[order[i]]
      const from = order[i] * placeLength
      for (let k = 0; k < placeLength; k++) places[i * placeLength + k] = held.places[from + k]
    }
    return { times, places }
  }
}
