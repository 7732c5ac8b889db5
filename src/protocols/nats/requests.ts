import type { Transaction } from '#model/transaction.ts'
import { type Answer, emptySlot, slotBytes, type Waiting, waitingMax } from '../pair.ts'
import { type Asked, answered, unanswered } from '../told.ts'

/** A request so old is told unanswered: clients give up after some seconds. */
const patienceUs = 60_000_000

/** Requests that wait for a message on the subject that they named for it. */
export class Requests {
  /** Requests told unanswered because `waitingMax` waited. */
  beyond = 0

  readonly #done: (transaction: Transaction) => void
  readonly #waiting = new Map<string, Waiting>()
  #replyChars = 0
  #lostUs = Number.NEGATIVE_INFINITY
  #expiresUs = 0

  constructor(done: (transaction: Transaction) => void) {
    this.#done = done
  }

  get count(): number {
    return this.#waiting.size
  }

  get heldBytes(): number {
    return this.#waiting.size * slotBytes + this.#replyChars
  }

  /** A request whose answer will come on `reply`. One more on the same subject, while the first waits, is not kept. */
  ask(reply: string, request: Asked): void {
    this.#expire(request.startUs)
    if (this.#waiting.has(reply)) {
      this.#done(unanswered('nats', request, 'ok'))
      return
    }
    if (this.#waiting.size >= waitingMax) {
      this.beyond++
      for (const [oldest] of this.#waiting) {
        this.#tellUnanswered(oldest)
        break
      }
    }
    this.#waiting.set(reply, { ...emptySlot(), ...request })
    this.#replyChars += reply.length
  }

  /** A message on a subject. False when nobody waits for it. */
  answer(subject: string, answer: Answer): boolean {
    const asked = this.#waiting.get(subject)
    if (!asked) return false
    this.#forget(subject)
    this.#done(answered('nats', asked, answer, false))
    return true
  }

  /** The connection ends: this is what all that wait come to. */
  fail(answer: Answer): void {
    for (const subject of this.#waiting.keys()) this.answer(subject, answer)
  }

  /** Bytes were lost that may have held answers. */
  lose(timeUs: number): void {
    this.#lostUs = timeUs
  }

  close(): void {
    for (const subject of this.#waiting.keys()) this.#tellUnanswered(subject)
  }

  #expire(nowUs: number): void {
    if (nowUs < this.#expiresUs) return
    this.#expiresUs = nowUs + patienceUs
    for (const [subject, { startUs }] of this.#waiting) {
      if (startUs + patienceUs > nowUs) {
        this.#expiresUs = startUs + patienceUs
        return
      }
      this.#tellUnanswered(subject)
    }
  }

  #forget(subject: string): void {
    this.#waiting.delete(subject)
    this.#replyChars -= subject.length
  }

  #tellUnanswered(subject: string): void {
    const asked = this.#waiting.get(subject)
    if (!asked) return
    this.#forget(subject)
    const lost = asked.startUs <= this.#lostUs
    this.#done(unanswered('nats', asked, lost ? 'ok' : 'error', lost))
  }
}
