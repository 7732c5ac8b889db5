import type { Transaction } from '#model/transaction.ts'
import { emptyAnswer, Pairs } from '../pair.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import { types } from './header.ts'
import type { Message } from './messages.ts'
import { statusOf } from './status.ts'

/**
 * Pairs calls with their replies. Sequence ids tell whose a reply is, where a client counts: its server may answer in any
 * order. Many clients give all calls the same one; those are answered in order.
 */
export class Calls {
  readonly #inOrder: Pairs
  readonly #byNumber: PairsByNumber
  readonly #answer = emptyAnswer()
  /** Of the first call. */
  #sequence: number | undefined
  #counts = false

  constructor(done: (transaction: Transaction) => void) {
    this.#inOrder = new Pairs('thrift', done)
    this.#byNumber = new PairsByNumber('thrift', done)
  }

  get heldBytes(): number {
    return this.#inOrder.heldBytes + this.#byNumber.heldBytes
  }

  ask(message: Message): void {
    const { method, service, sequence, startUs, bytes, gap } = message
    this.#sequence ??= sequence
    this.#counts ||= sequence !== this.#sequence
    if (message.type === types.oneway) {
      this.#byNumber.say(method, service, startUs, bytes, gap)
      return
    }
    const asked = this.#counts
      ? this.#byNumber.ask(sequence, method, service, startUs)
      : this.#inOrder.ask(method, service, startUs)
    asked.bytes = bytes
    asked.gap = gap
  }

  answer(message: Message): void {
    const answer = this.#answer
    const [status, outcome] = statusOf(message)
    answer.status = status
    answer.outcome = outcome
    answer.startUs = message.startUs
    answer.endUs = message.endUs
    answer.bytes = message.bytes
    answer.gap = message.gap
    const numbered = this.#byNumber.waiting(message.sequence)
    if (numbered) {
      if (isOf(message, numbered.method)) this.#byNumber.answer(message.sequence, answer)
    } else if (message.sequence === this.#sequence) this.#answerInOrder(message)
  }

  /** A call that is passed over was one-way: before 0.9.3 they are calls like others, but for their lack of an answer. */
  #answerInOrder(message: Message): void {
    const pairs = this.#inOrder
    let asked = pairs.askedBefore(message.startUs)
    while (asked && !isOf(message, asked.method) && pairs.count > 1) {
      asked.quiet = true
      pairs.pass()
      asked = pairs.askedBefore(message.startUs)
    }
    if (asked && isOf(message, asked.method)) pairs.answer(this.#answer)
  }

  lose(lost: boolean, timeUs: number): void {
    this.#inOrder.lose(lost)
    if (lost) this.#byNumber.lose(timeUs)
  }

  close(): void {
    this.#inOrder.close()
    this.#byNumber.close()
  }
}

/** Who could make nothing of a call answers without its name. */
const isOf = (reply: Message, method: string): boolean =>
  reply.method === method || reply.method === ''
