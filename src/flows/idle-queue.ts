import type { Conversation } from './conversation.ts'

/** One search finds an eighth of the flows, so that a flood pays for it once in a while. */
const share = 8

/**
 * Answers the longest idle flow, exactly, without keeping an order on the way of packets: one search orders the longest
 * idle ones, and those that have moved since are passed over. Who has not moved is older than all the others still.
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
    const times = Float64Array.from(flows, flow => flow.lastUs).sort()
    const limitUs = times[Math.floor((times.length - 1) / share)]
    this.#queue = flows.filter(flow => flow.lastUs <= limitUs).sort((a, b) => a.lastUs - b.lastUs)
    this.#lastUs = this.#queue.map(flow => flow.lastUs)
    this.#at = 0
    return this.#next()
  }
}
