import type { Conversation } from './conversation.ts'

/** One search finds an eighth of the flows, so that a flood pays for it once in a while. */
const share = 8

/** Ended flows, which only linger, go before all that are idle for less than this beyond them. */
const endedUs = 86_400_000_000

/**
 * Answers the longest idle flow, exactly, without keeping an order on the way of packets: one search orders the longest
 * idle ones, and those that have moved since are passed over. Who has not moved is older than all the others still.
 * Ended flows go first.
 */
export class IdleQueue {
  #queue: Conversation[] = []
  #lastUs: number[] = []
  #at = 0

  /** Of the flows in a table's slots; undefined when there is none. */
  longestIdle(slots: readonly (Conversation | undefined)[]): Conversation | undefined {
    return this.#next() ?? this.#search(slots)
  }

  #next(): Conversation | undefined {
    for (; this.#at < this.#queue.length; this.#at++) {
      const flow = this.#queue[this.#at]
      if (flow.slot >= 0 && flow.lastUs === this.#lastUs[this.#at]) return flow
    }
    return undefined
  }

  #search(slots: readonly (Conversation | undefined)[]): Conversation | undefined {
    const flows = slots.filter(flow => flow !== undefined)
    const ages = Float64Array.from(flows, age).sort()
    const limit = ages[Math.floor((ages.length - 1) / share)]
    this.#queue = flows.filter(flow => age(flow) <= limit).sort((a, b) => age(a) - age(b))
    this.#lastUs = this.#queue.map(flow => flow.lastUs)
    this.#at = 0
    return this.#next()
  }
}

/** The less, the sooner it goes. */
const age = (flow: Conversation): number =>
  flow.end === undefined ? flow.lastUs : flow.lastUs - endedUs
