import type { IpHeader } from './ip.ts'

/** Words that tell one flow from all others; see `FlowKey`. */
export const keyWords = 10
/** So many of them tell IPv4 flows apart; the others are 0. */
const ipv4Words = 4

/**
 * What tells one flow from all others: namespace, IP version and transport, and both endpoints, the lower first, so that
 * both directions give one key. `fromLow` says which of the two sent. One key is filled over and over.
 *
 *     words  0 scope  1 ports (low << 16 | high)  2 low, 3 high end of the address  4..6 low, 7..9 high upper words
 */
export class FlowKey {
  readonly words = new Int32Array(keyWords)
  /** Words that count: the first 4 or all. */
  length = keyWords
  hash = 0
  fromLow = true
  readonly #seed: number

  /** The seed keeps others from guessing which flows collide. */
  constructor(seed: number) {
    this.#seed = seed | 0
  }

  /** Fills the key. `ports` are both as in the header, source first; `scope` is less than 2^30. */
  fill(ip: IpHeader, scope: number, ports: number): void {
    const fromLow = isSourceLow(ip, ports)
    const { words } = this
    this.fromLow = fromLow
    words[0] = ip.isIpv6 ? ~scope : scope
    words[1] = fromLow ? ports : (ports << 16) | (ports >>> 16)
    words[2] = fromLow ? ip.source3 : ip.target3
    words[3] = fromLow ? ip.target3 : ip.source3
    const low = mix(mix(words[0] ^ this.#seed) ^ words[2])
    const high = mix(mix(words[1] ^ this.#seed) ^ words[3])
    this.hash = mix(low ^ ((high << 13) | (high >>> 19)))
    if (ip.isIpv6) this.#fillUpper(ip)
    else if (this.length !== ipv4Words) this.#clearUpper()
  }

  #fillUpper(ip: IpHeader): void {
    const { words, fromLow } = this
    this.length = keyWords
    words[4] = fromLow ? ip.source0 : ip.target0
    words[5] = fromLow ? ip.source1 : ip.target1
    words[6] = fromLow ? ip.source2 : ip.target2
    words[7] = fromLow ? ip.target0 : ip.source0
    words[8] = fromLow ? ip.target1 : ip.source1
    words[9] = fromLow ? ip.target2 : ip.source2
    for (let i = ipv4Words; i < keyWords; i++) this.hash = mix(this.hash ^ words[i])
  }

  #clearUpper(): void {
    this.length = ipv4Words
    this.words.fill(0, ipv4Words)
  }
}

/** Ports first: they differ in nearly every pair, and addresses need looking at only when they do not. */
function isSourceLow(ip: IpHeader, ports: number): boolean {
  const ahead = (ports & 0xffff) - (ports >>> 16)
  if (ahead !== 0) return ahead > 0
  if (ip.source3 !== ip.target3) return ip.source3 < ip.target3
  if (!ip.isIpv6) return true
  if (ip.source2 !== ip.target2) return ip.source2 < ip.target2
  if (ip.source1 !== ip.target1) return ip.source1 < ip.target1
  return ip.source0 <= ip.target0
}

/** Spreads every bit over the word. */
function mix(word: number): number {
  const product = Math.imul(word ^ (word >>> 15), 0x85ebca6b)
  return product ^ (product >>> 13)
}
