/** Words of a generation; two generations live, so twice as many are known at most. */
const wordsMax = 4096

/**
 * What words mean, as somebody told: names of ids. Bounded: when the young generation is full it becomes the old one,
 * and what nobody asks for or tells again is forgotten.
 */
export class Dictionary {
  #young = new Map<string, string>()
  #old = new Map<string, string>()

  tell(word: string, meaning: string): void {
    if (this.#young.size >= wordsMax && !this.#young.has(word)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(word, meaning)
  }

  /** What was told of a word last; undefined while nobody did, or it is forgotten. */
  find(word: string): string | undefined {
    const meaning = this.#young.get(word)
    if (meaning !== undefined) return meaning
    const old = this.#old.get(word)
    if (old !== undefined) this.tell(word, old)
    return old
  }
}
