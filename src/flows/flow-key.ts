import type { IpHeader } from './ip.ts'

/** Words that tell one flow from all others; see `FlowKey`. */
export const keyWords = 10

/**
 * What tells one flow from all others: namespace and transport, and both endpoints, the lower first, so that both
 * directions give one key. `fromLow` says which of the two sent. One key is filled over and over.
 *
 *     words  0 scope  1 ports (low << 16 | high)  2..5 low address  6..9 high address
 */
export class FlowKey {
  readonly words = new Int32Array(keyWords)
  hash = 0
  fromLow = true
  readonly #seed: number

  /** The seed keeps others from guessing which flows collide. */
  constructor(seed: number) {
    this.#seed = seed | 0
  }

  /** Fills the key from a header and what its transport says. `scope`: namespace and transport as one number. */
  fill(ip: IpHeader, scope: number, sourcePort: number, targetPort: number): void {
    this.fromLow = isSourceLow(ip, sourcePort, targetPort)
    const { words } = this
    words[0] = scope
    if (this.fromLow) {
      words[1] = (sourcePort << 16) | targetPort
      words[2] = ip.source0
      words[3] = ip.source1
      words[4] = ip.source2
      words[5] = ip.source3
      words[6] = ip.target0
      words[7] = ip.target1
      words[8] = ip.target2
      words[9] = ip.target3
    } else {
      words[1] = (targetPort << 16) | sourcePort
      words[2] = ip.target0
      words[3] = ip.target1
      words[4] = ip.target2
      words[5] = ip.target3
      words[6] = ip.source0
      words[7] = ip.source1
      words[8] = ip.source2
      words[9] = ip.source3
    }
    this.hash = hashWords(words, this.#seed)
  }
}

/** Ports first: they differ in nearly every pair, and addresses need looking at only when they do not. */
function isSourceLow(ip: IpHeader, sourcePort: number, targetPort: number): boolean {
  if (sourcePort !== targetPort) return sourcePort < targetPort
  if (ip.source3 !== ip.target3) return ip.source3 < ip.target3
  if (ip.source2 !== ip.target2) return ip.source2 < ip.target2
  if (ip.source1 !== ip.target1) return ip.source1 < ip.target1
  return ip.source0 <= ip.target0
}

/** Two lanes that the processor runs side by side; both see the seed, and the last steps spread every bit. */
function hashWords(words: Int32Array, seed: number): number {
  let low = seed
  let high = ~seed
  // The upper words are constant for IPv4, where `words[4]` tells it from IPv6.
  if (words[4] !== 0xffff || words[3] !== 0) {
    low = mix(mix(low ^ words[2]) ^ words[3])
    high = mix(mix(high ^ words[6]) ^ words[7])
  }
  low = mix(mix(low ^ words[4] ^ words[1]) ^ words[5])
  high = mix(mix(high ^ words[8] ^ words[0]) ^ words[9])
  const sum = Math.imul(low ^ ((high << 13) | (high >>> 19)), 0x9e3779b1)
  return sum ^ (sum >>> 15)
}

function mix(word: number): number {
  const product = Math.imul(word, 0x85ebca6b)
  return product ^ (product >>> 15)
}
