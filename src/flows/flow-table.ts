import type { FlowKey } from './flow-key.ts'

/** A slot farther from where its hash points is never made, so that no invented set of keys slows a search down. */
const probesMax = 256

/** Words between the keys of two slots, so that a key lies in one line of the processor's cache, or two. */
const stride = 16

/**
 * Which slot, a small number, a key has. Open addressing with linear probing in typed arrays: nothing is allocated
 * after the start, and a removal moves later buckets back, so that searches end at the first empty one.
 *
 *     buckets  [slot + 1 | 0 empty, hash] ...     a power of two, at most half full
 *     keys     the words of each slot's key, every `stride`
 */
export class FlowTable {
  readonly slotsMax: number
  #size = 0
  readonly #mask: number
  readonly #buckets: Int32Array
  readonly #keys: Int32Array
  /** Slots not in use, as a stack. */
  readonly #free: Int32Array

  constructor(slotsMax: number) {
    this.slotsMax = slotsMax
    const bucketCount = 2 ** Math.ceil(Math.log2(Math.max(2, slotsMax) * 2))
    this.#mask = bucketCount - 1
    this.#buckets = new Int32Array(bucketCount * 2)
    this.#keys = new Int32Array(slotsMax * stride)
    this.#free = Int32Array.from({ length: slotsMax }, (_, i) => slotsMax - 1 - i)
  }

  /** Keys that are in. */
  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size === this.slotsMax
  }

  /** The slot of a key, or -1. */
  find(key: FlowKey): number {
    const buckets = this.#buckets
    const mask = this.#mask
    const hash = key.hash
    for (let i = 0; i < probesMax; i++) {
      const bucket = ((hash + i) & mask) << 1
      const slot = buckets[bucket] - 1
      if (slot < 0) return -1
      if (buckets[bucket + 1] === hash && this.#holds(slot, key)) return slot
    }
    return -1
  }

  /** Gives a key that is not in yet a slot. -1 when the table is full, or too crowded about the key's hash. */
  add(key: FlowKey): number {
    if (this.isFull) return -1
    for (let i = 0; i < probesMax; i++) {
      const bucket = ((key.hash + i) & this.#mask) << 1
      if (this.#buckets[bucket] !== 0) continue
      const slot = this.#free[this.slotsMax - ++this.#size]
      this.#buckets[bucket] = slot + 1
      this.#buckets[bucket + 1] = key.hash
      this.#keys.set(key.words, slot * stride)
      return slot
    }
    return -1
  }

  /** Frees the slot that a key has. `hash` is the key's. */
  remove(slot: number, hash: number): void {
    for (let i = 0; i < probesMax; i++) {
      const position = (hash + i) & this.#mask
      const held = this.#buckets[position << 1]
      if (held === 0) return
      if (held !== slot + 1) continue
      this.#free[this.slotsMax - this.#size--] = slot
      this.#closeHole(position)
      return
    }
  }

  #holds(slot: number, { words, length }: FlowKey): boolean {
    const keys = this.#keys
    const at = slot * stride
    for (let i = 0; i < length; i++) if (keys[at + i] !== words[i]) return false
    return true
  }

  /** Moves back each later bucket of the run whose home is not beyond the hole, so that no search stops short. */
  #closeHole(position: number): void {
    const buckets = this.#buckets
    const mask = this.#mask
    let hole = position
    for (let next = (hole + 1) & mask; buckets[next << 1] !== 0; next = (next + 1) & mask) {
      const home = buckets[(next << 1) + 1] & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      buckets[hole << 1] = buckets[next << 1]
      buckets[(hole << 1) + 1] = buckets[(next << 1) + 1]
      hole = next
    }
    buckets[hole << 1] = 0
  }
}
