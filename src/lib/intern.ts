import { Dictionary } from './dictionary.ts'
import { utf8 } from './text.ts'

/** Entries of a generation; two generations live, so twice as many texts are known at most. */
const entriesMax = 4096
/** Longer ranges are decoded each time: they seldom repeat and would fill the arena. */
const lengthMax = 1024
/** Bytes of a generation. */
const arenaMax = 512 * 1024
/** Steps of a search; bounds what colliding hashes can cost. */
const probesMax = 24
const slotCount = entriesMax * 2

export type Decode = (bytes: Uint8Array, start: number, end: number) => string

/**
 * Gives equal byte ranges the same string, decoded once at first sight: an access log repeats itself, and hashing
 * with a comparison of bytes costs a third of making a string. `decode` may do more than decode (replace literals):
 * it costs nothing when the same bytes come again, and must depend on nothing but them.
 *
 * Bounded: when the young generation is full it becomes the old one, and what is not asked for again is forgotten.
 */
export class Interner {
  readonly #decode: Decode
  readonly #seed = (Math.random() * 2 ** 32) | 0
  #young = new Generation()
  #old: Generation | undefined

  constructor(decode: Decode = utf8) {
    this.#decode = decode
  }

  /** The text of `bytes[start, end)`. */
  text(bytes: Uint8Array, start: number, end: number): string {
    if (end - start > lengthMax) return this.#decode(bytes, start, end)
    const hash = hashOf(bytes, start, end, this.#seed)
    const young = this.#young.find(hash, bytes, start, end)
    if (young !== undefined) return young
    const old = this.#old?.find(hash, bytes, start, end)
    const text = old ?? this.#decode(bytes, start, end)
    this.#keep(hash, bytes, start, end, text)
    return text
  }

  #keep(hash: number, bytes: Uint8Array, start: number, end: number, text: string): void {
    if (this.#young.full(end - start)) {
      this.#old = this.#young
      this.#young = new Generation()
    }
    this.#young.add(hash, bytes, start, end, text)
  }
}

/** FNV-1a, seeded so that collisions cannot be prepared. */
function hashOf(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 16777619)
  return hash ^ (hash >>> 15)
}

/**
 *     slots   hash & mask -> entry + 1, linear probing; 0: free
 *     entry   hashes[e]  offsets[e] .. offsets[e + 1] in the arena  texts[e]
 */
class Generation {
  readonly #slots = new Uint16Array(slotCount)
  readonly #hashes = new Int32Array(entriesMax)
  readonly #offsets = new Int32Array(entriesMax + 1)
  readonly #texts: string[] = []
  #arena = new Uint8Array(4096)

  full(length: number): boolean {
    const count = this.#texts.length
    return count === entriesMax || this.#offsets[count] + length > arenaMax
  }

  find(hash: number, bytes: Uint8Array, start: number, end: number): string | undefined {
    for (let probe = 0; probe < probesMax; probe++) {
      const entry = this.#slots[(hash + probe) & (slotCount - 1)] - 1
      if (entry < 0) return undefined
      if (this.#hashes[entry] === hash && this.#equal(entry, bytes, start, end)) {
        return this.#texts[entry]
      }
    }
    return undefined
  }

  #equal(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const arena = this.#arena
    let at = this.#offsets[entry]
    if (this.#offsets[entry + 1] - at !== end - start) return false
    for (let i = start; i < end; i++) if (bytes[i] !== arena[at++]) return false
    return true
  }

  /** Keeps a text; silently not, when its slots are crowded. */
  add(hash: number, bytes: Uint8Array, start: number, end: number, text: string): void {
    const entry = this.#texts.length
    for (let probe = 0; probe < probesMax; probe++) {
      const slot = (hash + probe) & (slotCount - 1)
      if (this.#slots[slot] !== 0) continue
      this.#slots[slot] = entry + 1
      this.#hashes[entry] = hash
      this.#offsets[entry + 1] = this.#store(this.#offsets[entry], bytes, start, end)
      this.#texts.push(text)
      return
    }
  }

  #store(offset: number, bytes: Uint8Array, start: number, end: number): number {
    const needed = offset + end - start
    if (needed > this.#arena.length) {
      const larger = new Uint8Array(Math.max(needed, this.#arena.length * 2))
      larger.set(this.#arena)
      this.#arena = larger
    }
    for (let i = start; i < end; i++) this.#arena[offset++] = bytes[i]
    return offset
  }
}

/** Interners and dictionaries by name: made once, shared by all who ask for the same name. */
export class Interners {
  readonly #byName = new Map<string, Interner>()
  readonly #dictionaries = new Map<string, Dictionary>()

  /** The interner of that name; `decode` counts when it is first asked for. */
  named(name: string, decode?: Decode): Interner {
    let interner = this.#byName.get(name)
    if (!interner) {
      interner = new Interner(decode)
      this.#byName.set(name, interner)
    }
    return interner
  }
  /** The dictionary of that name: what one flow is told, all know. */
  dictionary(name: string): Dictionary {
    let dictionary = this.#dictionaries.get(name)
    if (!dictionary) {
      dictionary = new Dictionary()
      this.#dictionaries.set(name, dictionary)
    }
    return dictionary
  }
}
