import type { Transaction } from '#model/transaction.ts'
import { Pairs } from '../pair.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import { unanswered } from '../told.ts'
import type { Reason } from './codes.ts'
import type { Version } from './lists.ts'

/** Numbers of what carries no packet id, behind all packet ids. */
export const connectNumber = 0x10000
export const authNumber = 0x10001

/** What both sides of a connection share. Their packet ids are apart: each side numbers what it asks. */
export class Session {
  version: Version = 0
  /** What the client asks: connecting, publishing, subscribing. */
  readonly asked: PairsByNumber
  /** Messages that the server delivers. */
  readonly delivered: PairsByNumber
  /** PINGREQ has no number. */
  readonly pings: Pairs

  readonly #done: (transaction: Transaction) => void

  constructor(done: (transaction: Transaction) => void) {
    this.#done = done
    this.asked = new PairsByNumber('mqtt', done)
    this.delivered = new PairsByNumber('mqtt', done)
    this.pings = new Pairs('mqtt', done)
  }

  get heldBytes(): number {
    return this.asked.heldBytes + this.delivered.heldBytes + this.pings.heldBytes
  }

  /** A side leaves, and says why. */
  leave({ name, outcome }: Reason, startUs: number, bytes: number): void {
    const said = { method: 'DISCONNECT', resource: '', startUs, bytes, gap: false }
    this.#done(unanswered('mqtt', said, outcome, false, name))
  }

  close(): void {
    this.asked.close()
    this.delivered.close()
    this.pings.close()
  }
}
