import { ageMs, firstWord, hash, type Outcome, secondWord, travelMaxMs } from './schedule.ts'

/** A stretch of the display clock in which the births of one second of data happen. */
export interface Page {
  readonly startMs: number
  readonly lengthMs: number
}

/** A dot may live this long after its page began: the longest journey of the slowest dot, and a late page. */
const lifeMs = travelMaxMs * 1.18 + 400
const pagesMax = 64

/**
 * A ring of dots, oldest to newest, in two words each. A page is appended once a second; nothing else is written.
 * Dots that may be alive are always the contiguous range [first, first + count), taken modulo the capacity.
 */
export class Births {
  readonly capacity: number
  readonly words: Uint32Array
  /** Where the next dot goes; counts on for ever. */
  head = 0
  /** Births that found no room. */
  dropped = 0
  private tail = 0
  private readonly pageHeads = new Float64Array(pagesMax)
  private readonly pageEnds = new Float64Array(pagesMax)
  private page: Page = { startMs: 0, lengthMs: 1000 }
  private pages = 0
  private oldest = 0

  /** `capacity` must be a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity
    this.words = new Uint32Array(capacity * 2)
  }

  get first(): number {
    return this.tail & (this.capacity - 1)
  }

  get count(): number {
    return this.head - this.tail
  }

  /** Forgets pages whose last dot has arrived; called once a frame. */
  forget(nowMs: number): void {
    while (this.oldest < this.pages && this.pageEnds[this.oldest % pagesMax] < nowMs) {
      this.tail = this.pageHeads[this.oldest % pagesMax]
      this.oldest++
    }
  }

  /** Opens a page: what is added until the next one is born in its stretch of time. */
  open(page: Page): void {
    if (this.pages - this.oldest >= pagesMax) this.forget(this.pageEnds[this.oldest % pagesMax] + 1)
    this.page = page
    this.pages++
    this.close()
    this.pageEnds[(this.pages - 1) % pagesMax] = page.startMs + page.lengthMs + lifeMs
  }

  /** Births of one link, evenly over the page, each shaken within its share. */
  add(link: number, outcome: Outcome, count: number, travelMs: number): void {
    const room = Math.min(count, this.capacity - this.count)
    this.dropped += count - room
    const { startMs, lengthMs } = this.page
    const first = firstWord(link, outcome, travelMs)
    let seed = hash(link * 4 + outcome + Math.imul(Math.floor(startMs), 0x9e3779b1))
    for (let i = 0; i < room; i++) {
      seed = hash(seed + i + 1)
      const shaken = (i + 0.5 + ((seed & 1023) / 1024 - 0.5) * 0.96) / count
      this.write(first, secondWord(startMs + shaken * lengthMs, seed >>> 16))
    }
    this.close()
  }

  /** One dot of the open page, by its words. */
  put(first: number, second: number): void {
    if (this.count >= this.capacity) this.dropped++
    else this.write(first, second)
    this.close()
  }

  private write(first: number, second: number): void {
    const slot = (this.head & (this.capacity - 1)) * 2
    this.words[slot] = first
    this.words[slot + 1] = second
    this.head++
  }

  private close(): void {
    this.pageHeads[(this.pages - 1) % pagesMax] = this.head
  }

  /** Takes back births that are still to come (the data has gone stale). */
  cut(nowMs: number): void {
    const mask = this.capacity - 1
    for (let i = this.tail; i < this.head; i++) {
      const slot = (i & mask) * 2
      if (ageMs(this.words[slot + 1], nowMs) < 0) this.words[slot] = 0
    }
  }

  clear(): void {
    this.tail = this.head
    this.oldest = this.pages
  }
}
