import type { Sample } from '#model/window.ts'

const errorsMax = 16
const slowestMax = 8
const othersMax = 24

/**
 * Which transactions of one second are kept for the access log: errors first, then the slowest, then a fair draw of
 * the rest (reservoir sampling). What is not kept is counted by `seen` minus what `take` gives.
 */
export class Samples {
  seen = 0
  #errors: Sample[] = []
  #slowest: Sample[] = []
  #others: Sample[] = []
  #othersSeen = 0
  #random = 0x9e3779b9

  /** True when the next transaction would be kept: asked before a Sample is made. */
  wants(isOk: boolean, durationUs: number): boolean {
    this.seen++
    if (!isOk && this.#errors.length < errorsMax) return true
    if (this.#slowest.length < slowestMax) return true
    if (durationUs > this.#leastSlow) return true
    return ++this.#othersSeen <= othersMax || this.#draw() < othersMax
  }

  /** Keeps it; only after `wants` said true. */
  keep(sample: Sample): void {
    if (sample.outcome !== 'ok' && this.#errors.length < errorsMax) {
      this.#errors.push(sample)
    } else if (this.#slowest.length < slowestMax) {
      this.#slowest.push(sample)
      this.#measure()
    } else if ((sample.durationUs ?? 0) > this.#leastSlow) {
      const dropped = this.#slowest[this.#leastSlowAt]
      this.#slowest[this.#leastSlowAt] = sample
      this.#measure()
      this.#put(dropped)
    } else {
      this.#put(sample)
    }
  }

  /** What was kept, in order of time; starts anew. */
  take(): Sample[] {
    const kept = [...this.#errors, ...this.#slowest, ...this.#others]
    if (kept.length > 0) {
      this.#errors = []
      this.#slowest = []
      this.#others = []
      this.#leastSlow = -1
    }
    this.seen = 0
    this.#othersSeen = 0
    return kept.sort((a, b) => a.startUs - b.startUs)
  }

  #leastSlow = -1
  #leastSlowAt = 0

  #measure(): void {
    let at = 0
    for (let i = 1; i < this.#slowest.length; i++) {
      if ((this.#slowest[i].durationUs ?? 0) < (this.#slowest[at].durationUs ?? 0)) at = i
    }
    this.#leastSlowAt = at
    this.#leastSlow = this.#slowest.length < slowestMax ? -1 : (this.#slowest[at].durationUs ?? 0)
  }

  #put(sample: Sample): void {
    if (this.#others.length < othersMax) this.#others.push(sample)
    else this.#others[this.#next() % othersMax] = sample
  }

  /** A number in [0, othersSeen): below othersMax with the probability that keeps the draw fair. */
  #draw(): number {
    return this.#next() % this.#othersSeen
  }

  /** xorshift32: cheap, and good enough to choose log lines. */
  #next(): number {
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x
    return x >>> 0
  }
}
