import type { Transaction } from '#model/transaction.ts'
import { type Answer, charsBeyond, emptySlot, slotBytes, type Waiting, waitingMax } from './pair.ts'
import { answered, unanswered } from './told.ts'

/**
 * Pairs the requests and responses of one flow by a number that both carry (correlation id, stream id, packet id):
 * answers come in any order, or not at all. Numbers may be used again once they are answered.
 */
export class PairsByNumber {
  /** Requests told without an answer because `waitingMax` came after them. */
  beyond = 0
  /** Responses to no known request. */
  orphans = 0

  readonly #protocol: string
  readonly #done: (transaction: Transaction) => void
  readonly #waiting = new Map<number, Waiting>()
  /** Of the resources that wait, beyond what slots have room for. */
  #chars = 0
  #lostUs = Number.NEGATIVE_INFINITY

  constructor(protocol: string, done: (transaction: Transaction) => void) {
    this.#protocol = protocol
    this.#done = done
  }

  /** Requests waiting. */
  get count(): number {
    return this.#waiting.size
  }

  /** About the memory that waiting requests take. */
  get heldBytes(): number {
    return this.#waiting.size * slotBytes + this.#chars
  }

  /**
   * A request was asked. Answers its slot, to which bytes, gap and kind may be added until it is answered. An earlier one
   * that waits under this number is never answered: it is told now.
   */
  ask(number: number, method: string, resource: string, startUs: number): Waiting {
    const slot: Waiting = { ...emptySlot(), method, resource, startUs }
    const earlier = this.#waiting.get(number)
    if (earlier) this.#tellUnanswered(number, earlier)
    if (this.#waiting.size >= waitingMax) this.#tellOldest()
    this.#waiting.set(number, slot)
    this.#chars += charsBeyond(resource)
    return slot
  }

  /** A request that wants no answer: told now. */
  say(method: string, resource: string, startUs: number, bytes: number, gap: boolean): void {
    this.#done(unanswered(this.#protocol, { method, resource, startUs, bytes, gap }, 'ok'))
  }

  /** The request that waits under a number. */
  waiting(number: number): Waiting | undefined {
    return this.#waiting.get(number)
  }

  /** The response with a number. False when nobody asked. */
  answer(number: number, answer: Answer): boolean {
    const asked = this.#waiting.get(number)
    if (!asked) {
      this.orphans++
      return false
    }
    this.#forget(number, asked)
    this.#done(answered(this.#protocol, asked, answer, false))
    return true
  }

  /** Bytes were lost that may have held answers to what was asked before. */
  lose(timeUs: number): void {
    this.#lostUs = timeUs
  }

  /** No more answers come: all that wait are told, without a status. An answer that may be lost, or was not wanted, is no error. */
  close(): void {
    for (const [number, asked] of this.#waiting) this.#tellUnanswered(number, asked)
  }

  /** It makes room; nobody can say any more how it was answered. */
  #tellOldest(): void {
    const [[number, asked]] = this.#waiting
    this.beyond++
    this.#forget(number, asked)
    this.#done(unanswered(this.#protocol, asked, 'ok', true))
  }

  #tellUnanswered(number: number, asked: Waiting): void {
    this.#forget(number, asked)
    const lost = asked.startUs <= this.#lostUs
    const outcome = lost || asked.quiet ? 'ok' : 'error'
    this.#done(unanswered(this.#protocol, asked, outcome, lost))
  }

  #forget(number: number, { resource }: Waiting): void {
    this.#waiting.delete(number)
    this.#chars -= charsBeyond(resource)
  }
}
