import type { Outcome, Transaction } from '#model/transaction.ts'
import { type Answer, emptySlot, slotBytes, type Waiting, waitingMax } from '../pair.ts'

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
  ask(reply: string, request: Pick<Waiting, 'method' | 'resource' | 'startUs' | 'bytes' | 'gap'>) {
    this.#expire(request.startUs)
    if (this.#waiting.has(reply)) {
      this.#tellWithout({ ...emptySlot(), ...request }, 'ok', false)
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
    this.#tell(asked, answer)
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
    this.#tellWithout(asked, lost ? 'ok' : 'error', lost)
  }

  #tell({ method, resource, startUs, bytes, gap }: Waiting, answer: Answer): void {
    this.#done({
      protocol: 'nats',
      method,
      resource,
      status: answer.status,
      outcome: answer.outcome,
      startUs,
      durationUs: Math.max(0, answer.endUs - startUs),
      requestBytes: bytes,
      responseBytes: answer.bytes,
      gap: gap || answer.gap,
      names: undefined,
    })
  }

  #tellWithout(asked: Waiting, outcome: Outcome, lost: boolean): void {
    const { method, resource, startUs, bytes, gap } = asked
    this.#done({
      protocol: 'nats',
      method,
      resource,
      status: undefined,
      outcome,
      startUs,
      durationUs: undefined,
      requestBytes: bytes,
      responseBytes: 0,
      gap: gap || lost,
      names: undefined,
    })
  }
}
