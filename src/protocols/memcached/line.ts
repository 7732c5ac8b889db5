const lf = 0x0a
const cr = 0x0d
const space = 0x20

/** Longest line that is read: a `get` may name thousands of keys. */
export const lineMax = 32 * 1024

/** `Line.read` answers: the line is not all there yet, or these bytes are no line. */
export const unfinished = 0
export const unreadable = -1

/** One line of text and its words. One is enough for a reader; it is filled anew for each line. */
export class Line {
  /** The word at hand: `bytes[start, end)`. */
  start = 0
  end = 0

  #bytes: Uint8Array = new Uint8Array(0)
  #last = 0

  /** Finds the line at `start` and answers its length with the line end, `unfinished`, or `unreadable`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + lineMax)
    let at = start
    while (at < stop && (bytes[at] >= space || bytes[at] === cr)) at++
    if (at === stop) return stop - start < lineMax ? unfinished : unreadable
    if (bytes[at] !== lf) return unreadable
    this.#bytes = bytes
    this.#last = at > start && bytes[at - 1] === cr ? at - 1 : at
    this.start = start
    this.end = start
    return at + 1 - start
  }

  /** Goes on to the next word. False at the end. */
  next(): boolean {
    const bytes = this.#bytes
    const last = this.#last
    let at = this.end
    while (at < last && bytes[at] === space) at++
    this.start = at
    while (at < last && bytes[at] !== space) at++
    this.end = at
    return at > this.start
  }

  /** True when the word at hand is so many bytes, the first of which is `first`. */
  is(first: number, length: number): boolean {
    return this.end - this.start === length && this.#bytes[this.start] === first
  }
}
