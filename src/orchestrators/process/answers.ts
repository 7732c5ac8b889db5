/** Things remembered for a while, by key: bounded in number and age, those not asked for go first. */
export class Answers<T> {
  readonly #max: number
  readonly #ageMs: number
  readonly #kept = new Map<string, { readonly value: T; readonly atMs: number }>()
  /** Dropped before their time because there were too many. */
  evicted = 0

  constructor(max: number, ageMs: number) {
    this.#max = max
    this.#ageMs = ageMs
  }

  get size(): number {
    return this.#kept.size
  }

  /** What is asked for stays: a connection that talks on must not lose its owner. */
  get(key: string, nowMs: number): T | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || nowMs - kept.atMs > this.#ageMs) return undefined
    // Not at every call: moving it to the end is what costs.
    if (nowMs - kept.atMs > this.#ageMs / 4) this.set(key, kept.value, nowMs)
    return kept.value
  }

  /** Remembers it, in place of what the key meant before. */
  set(key: string, value: T, nowMs: number): void {
    this.#kept.delete(key)
    if (this.#kept.size >= this.#max) {
      this.#kept.delete(this.#kept.keys().next().value!)
      this.evicted++
    }
    this.#kept.set(key, { value, atMs: nowMs })
  }

  /** Forgets what is too old. The map is in order of time, so this ends at the first young one. */
  prune(nowMs: number): void {
    for (const [key, { atMs }] of this.#kept) {
      if (nowMs - atMs <= this.#ageMs) return
      this.#kept.delete(key)
    }
  }
}
