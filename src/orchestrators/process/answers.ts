/**
 * Things remembered for a while, by key, bounded in number. There are two generations: what is set or asked for is
 * young, and every `ageMs` the old ones are dropped and the young become old. So an answer lives `ageMs` at least and
 * twice that at most, and one that is asked for does not age. (One map in order of age was tried: taking its first key
 * after many deletions costs tens of microseconds.)
 */
export class Answers<T> {
  readonly #halfMax: number
  readonly #ageMs: number
  #young = new Map<string, T>()
  #old = new Map<string, T>()
  #turnedMs = 0
  /** Dropped before their time because there were too many. */
  evicted = 0

  constructor(max: number, ageMs: number) {
    this.#halfMax = Math.ceil(max / 2)
    this.#ageMs = ageMs
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  /** Remembers it, in place of what the key meant before. */
  set(key: string, value: T): void {
    this.#old.delete(key)
    if (this.#young.size >= this.#halfMax && !this.#young.has(key)) {
      this.evicted += this.#old.size
      this.#turn()
    }
    this.#young.set(key, value)
  }

  /** Lets time pass. */
  prune(nowMs: number): void {
    if (nowMs - this.#turnedMs < this.#ageMs) return
    this.#turnedMs = nowMs
    this.#turn()
  }

  #turn(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
