import type { Batch } from './held-lines.ts'

/** Bytes that are printed at once. */
const pageBytes = 1024 * 1024

/** One of those whose lines are merged. */
interface Share {
  readonly batches: Batch[]
  /** The line of the first batch that comes next. */
  next: number
  ended: boolean
}

/**
 * Prints the lines of several shares as one, in order of their time: as soon as each share that has not ended has lines.
 * Where a share had to give lines up early, some that are older than what was printed come late; they are counted.
 */
export class Merge {
  /** Lines printed out of order. */
  late = 0
  readonly #shares: readonly Share[]
  readonly #print: (bytes: Uint8Array) => void
  readonly #taken: (share: number) => void
  readonly #page = new Uint8Array(pageBytes)
  #used = 0
  #printedUs = Number.NEGATIVE_INFINITY

  /** `taken` is called when a batch of a share is printed. */
  constructor(
    shares: number,
    print: (bytes: Uint8Array) => void,
    taken: (share: number) => void = () => {},
  ) {
    this.#shares = Array.from({ length: shares }, () => ({ batches: [], next: 0, ended: false }))
    this.#print = print
    this.#taken = taken
  }

  /** More lines of a share. */
  add(share: number, batch: Batch): void {
    this.#shares[share].batches.push(batch)
    this.#run()
  }

  /** A share has no more lines. */
  end(share: number): void {
    this.#shares[share].ended = true
    this.#run()
  }

  #run(): void {
    for (let share = this.#earliest(); share >= 0; share = this.#earliest()) this.#advance(share)
    this.#flush()
  }

  /** The share whose next line is the earliest; -1: none, or one that may have an earlier one is not there yet. */
  #earliest(): number {
    let earliest = -1
    let earliestUs = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#shares.length; i++) {
      const { batches, next, ended } = this.#shares[i]
      if (batches.length === 0) {
        if (!ended) return -1
      } else if (batches[0].times[next] < earliestUs) {
        earliest = i
        earliestUs = batches[0].times[next]
      }
    }
    return earliest
  }

  /** Prints lines of a share up to the next line of any other. */
  #advance(index: number): void {
    const share = this.#shares[index]
    const [batch] = share.batches
    const untilUs = this.#nextOfOthers(index)
    const count = batch.times.length
    let at = share.next
    do {
      if (batch.times[at] < this.#printedUs) this.late++
      else this.#printedUs = batch.times[at]
      this.#copy(batch, at)
      at++
    } while (at < count && batch.times[at] <= untilUs)
    share.next = at
    if (at < count) return
    share.batches.shift()
    share.next = 0
    this.#taken(index)
  }

  #nextOfOthers(index: number): number {
    let nextUs = Number.POSITIVE_INFINITY
    for (let i = 0; i < this.#shares.length; i++) {
      const { batches, next } = this.#shares[i]
      if (i !== index && batches.length > 0) nextUs = Math.min(nextUs, batches[0].times[next])
    }
    return nextUs
  }

  #copy({ blocks, places }: Batch, line: number): void {
    const start = places[line * 3 + 1]
    const length = places[line * 3 + 2] - start
    const block = blocks[places[line * 3]]
    if (this.#used + length > pageBytes) this.#flush()
    if (length > pageBytes) {
      this.#print(block.subarray(start, start + length))
      return
    }
    const page = this.#page
    // a line is short: a loop costs less than a view of it
    for (let i = 0; i < length; i++) page[this.#used + i] = block[start + i]
    this.#used += length
  }

  #flush(): void {
    if (this.#used > 0) this.#print(this.#page.subarray(0, this.#used))
    this.#used = 0
  }
}
