import { formatAddress, formatIpv4 } from '#lib/ip-address.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { type FlowKey, keyWords } from './flow-key.ts'

/**
 * Both endpoints of a flow, the lower and the higher by its key. Kept small, IPv4 in three numbers, and written as text
 * when asked for, which for most flows is once or never.
 */
export class Ends {
  readonly #ports: number
  readonly #lowWord: number
  readonly #highWord: number
  /** Upper words of both IPv6 addresses. */
  readonly #upper: Int32Array | undefined
  #low: Endpoint | undefined = undefined
  #high: Endpoint | undefined = undefined

  constructor({ words, length }: FlowKey) {
    this.#ports = words[1]
    this.#lowWord = words[2]
    this.#highWord = words[3]
    this.#upper = length === keyWords ? words.slice(4) : undefined
  }

  get low(): Endpoint {
    this.#low ??= { ip: this.#ip(0, this.#lowWord), port: this.#ports >>> 16 }
    return this.#low
  }

  get high(): Endpoint {
    this.#high ??= { ip: this.#ip(3, this.#highWord), port: this.#ports & 0xffff }
    return this.#high
  }

  #ip(at: number, word: number): string {
    const upper = this.#upper
    return upper ? formatAddress(upper[at], upper[at + 1], upper[at + 2], word) : formatIpv4(word)
  }
}
