import type { NamedAddress, Outcome, Transaction } from '#model/transaction.ts'
import { answered, unanswered } from './told.ts'

/** Requests of one flow that may wait for their answers. Those beyond are paired, so that order holds, but not told. */
export const waitingMax = 16384
/** Slots kept for reuse when all is answered. */
const slotsKept = 64
/** About what a slot takes, with a resource of that many characters. */
export const slotBytes = 256
/** What a longer one takes besides. */
export const charsBeyond = (text: string): number => Math.max(0, text.length - slotBytes)

/** A request that waits for its answer. Slots are reused: valid until it is answered. */
export interface Waiting {
  method: string
  resource: string
  /** First byte. */
  startUs: number
  bytes: number
  /** Bytes of it were lost. */
  gap: boolean
  /** What the decoder has to remember with it; 0 at first. */
  kind: number
  /** It may rightly stay without an answer: it asked for one only when there is something to say. */
  quiet: boolean
  /** The trace that it says it is part of. */
  traceId: string | undefined
}

/** How a request was answered. May be reused by the decoder: it is not kept. */
export interface Answer {
  status: string | undefined
  outcome: Outcome
  /** First byte, as `Stream.firstUs`; decides after a loss which request it belongs to. */
  startUs: number
  /** Last byte. */
  endUs: number
  bytes: number
  gap: boolean
  names?: readonly NamedAddress[]
}

/**
 * Pairs the requests and responses of one flow in order, pipelined ones too.
 *
 * After a loss (`lose`) the count of either may be wrong. Until nothing waits any more, a response then answers the
 * latest request asked before it began, and earlier ones are told with `gap` and no status.
 */
export class Pairs {
  /** Requests beyond `waitingMax`. */
  beyond = 0
  /** Responses to no known request. */
  orphans = 0

  readonly #protocol: string
  readonly #done: (transaction: Transaction) => void
  #slots: Waiting[] = []
  #first = 0
  #count = 0
  /** Of `beyond`, those not answered yet: they stand behind the queue. */
  #untold = 0
  /** Of the resources that wait, beyond what slots have room for. */
  #chars = 0
  #uncertain = false
  /** It is uncertain because bytes were lost. */
  #lost = false

  constructor(protocol: string, done: (transaction: Transaction) => void) {
    this.#protocol = protocol
    this.#done = done
  }

  /** Requests waiting. */
  get count(): number {
    return this.#count
  }

  /** About the memory that waiting requests take. */
  get heldBytes(): number {
    return this.#slots.length * slotBytes + this.#chars
  }

  /** The count of requests or responses may be wrong: see `lose`. */
  get isUncertain(): boolean {
    return this.#uncertain
  }

  /** The request that has waited longest. */
  get oldest(): Waiting | undefined {
    return this.#count > 0 ? this.#at(0) : undefined
  }

  /** The request that a response answers whose first byte came at `startUs`. */
  askedBefore(startUs: number): Waiting | undefined {
    if (this.#uncertain) {
      while (this.#count > 1 && this.#at(1).startUs <= startUs) this.#tellUnanswered()
    }
    if (this.#count === 0) return undefined
    const oldest = this.#at(0)
    return this.#uncertain && oldest.startUs > startUs ? undefined : oldest
  }

  /** A request was asked. Answers its slot, to which bytes, gap and kind may be added until it is answered. */
  ask(method: string, resource: string, startUs: number): Waiting {
    const slot = this.#push()
    slot.method = method
    slot.resource = resource
    slot.startUs = startUs
    slot.bytes = 0
    slot.gap = false
    slot.kind = 0
    slot.quiet = false
    slot.traceId = undefined
    if (this.#untold === 0) this.#chars += charsBeyond(resource)
    return slot
  }

  /** The request asked last wants no answer: it is told now. Call it at once after `ask`. */
  expectNone(): void {
    if (this.#untold > 0) {
      this.#untold--
      return
    }
    const asked = this.#at(--this.#count)
    this.#chars -= charsBeyond(asked.resource)
    this.#done(unanswered(this.#protocol, asked, 'ok'))
  }

  /** What came since shows that the request that has waited longest gets no answer: it is told now. */
  pass(): void {
    if (this.#count > 0) this.#tellUnanswered()
  }

  /** The next response. False when nobody asked. */
  answer(answer: Answer): boolean {
    const asked = this.askedBefore(answer.startUs)
    if (asked) {
      this.#done(answered(this.#protocol, asked, answer, this.#lost))
      this.#shift()
      return true
    }
    if (this.#untold > 0) this.#untold--
    else this.orphans++
    return false
  }

  /** Requests or responses are missing: their bytes were `lost`, or were none. */
  lose(lost = true): void {
    this.#uncertain = true
    if (lost) this.#lost = true
  }

  /** No more answers come: all that wait are told, without a status. An answer that was lost is not an error. */
  close(): void {
    while (this.#count > 0) this.#tellUnanswered()
    this.#slots = []
    this.#untold = 0
  }

  /** An answer that was lost is no error, nor one that was not wanted. */
  #tellUnanswered(): void {
    const oldest = this.#at(0)
    const outcome = this.#lost || oldest.quiet ? 'ok' : 'error'
    this.#done(unanswered(this.#protocol, oldest, outcome, this.#lost))
    this.#shift()
  }

  #at(index: number): Waiting {
    return this.#slots[(this.#first + index) & (this.#slots.length - 1)]
  }

  #shift(): void {
    this.#chars -= charsBeyond(this.#at(0).resource)
    this.#count--
    this.#first = (this.#first + 1) & (this.#slots.length - 1)
    if (this.#count > 0) return
    this.#uncertain = false
    this.#lost = false
    if (this.#slots.length > slotsKept) this.#slots = []
    this.#first = 0
  }

  #push(): Waiting {
    if (this.#untold > 0 || this.#count >= waitingMax) {
      this.beyond++
      this.#untold++
      return emptySlot()
    }
    if (this.#count === this.#slots.length) this.#grow()
    return this.#at(this.#count++)
  }

  /** Slots are a ring whose length is a power of two. */
  #grow(): void {
    const count = this.#count
    const slots: Waiting[] = []
    for (let i = 0; i < count; i++) slots.push(this.#at(i))
    do slots.push(emptySlot())
    while (slots.length < count * 2)
    this.#slots = slots
    this.#first = 0
  }
}

/** An answer of which nothing is known yet. */
export function emptyAnswer(): Answer {
  return { status: undefined, outcome: 'ok', startUs: 0, endUs: 0, bytes: 0, gap: false }
}

/** A request of which nothing is known yet. */
export function emptySlot(): Waiting {
  return {
    method: '',
    resource: '',
    startUs: 0,
    bytes: 0,
    gap: false,
    kind: 0,
    quiet: false,
    traceId: undefined,
  }
}
