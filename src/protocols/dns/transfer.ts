import { typeAxfr, typeIxfr } from './codes.ts'
import type { Message } from './message.ts'
import type { Zone } from './records.ts'

/** Whether a query asks for a zone, or for what changed in it. */
export const isTransfer = ({ question }: Message): boolean =>
  question?.type === typeAxfr || question?.type === typeIxfr

/**
 * How far the answer to AXFR (RFC 5936) or IXFR (RFC 1995) has come: its records fill as many messages as it takes. It
 * begins with the SOA record of the zone, and ends with it.
 *
 *     the zone        SOA 3, ..., SOA 3
 *     what changed    SOA 3, SOA 1, less, SOA 2, more, SOA 2, less, SOA 3, more, SOA 3
 *     nothing did     SOA 3
 */
export class Transfer {
  bytes = 0
  endUs = 0
  rcode = 0
  gap = false

  readonly #isIncremental: boolean
  #serial: number | undefined
  #records = 0
  /** SOA records of the zone as it is now, and how many there are in all. */
  #seen = 0
  #expected = 2

  constructor(query: Message) {
    this.#isIncremental = query.question?.type === typeIxfr
  }

  /** The next message; answers whether it is the last. */
  add({ answers }: Message, zones: readonly Zone[], rcode: number): boolean {
    this.rcode = rcode
    for (const { at, serial } of zones) {
      const index = this.#records + at
      if (index === 0) this.#serial = serial
      if (index === 1 && serial !== this.#serial) this.#expected = 3
      if (serial === this.#serial) this.#seen++
    }
    this.#records += answers
    if (rcode !== 0 || this.#serial === undefined) return true
    return this.#seen >= this.#expected || (this.#isIncremental && this.#records === 1)
  }
}
