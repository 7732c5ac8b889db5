import type { Outcome } from '#model/transaction.ts'
import type { Answer } from '../pair.ts'
import { outcomeOf } from './outcome.ts'

/** What an ErrorResponse says: the SQLSTATE, and whether the connection ends with it. */
export interface ServerError {
  readonly sqlstate: string
  readonly fatal: boolean
}

/** What the server has said so far to the request at hand, up to ReadyForQuery. */
export class Reply {
  bytes = 0
  /** Messages of an extended query that were answered. */
  parts = 0
  startUs: number | undefined
  error: ServerError | undefined
  /** A command was completed. */
  completed = false
  /** The server asks for a password or another proof of who the client is. */
  challenged = false
  gap = false

  /** Counts a message of it. */
  add(size: number, timeUs: number): void {
    this.bytes += size
    this.startUs ??= timeUs
  }

  /** As it is now. Without an error or a completed command, bytes lost leave the status unknown. */
  answer(endUs: number): Answer {
    const { error, bytes, gap } = this
    const status = error ? error.sqlstate : gap && !this.completed ? undefined : 'OK'
    const outcome: Outcome = error ? outcomeOf(error.sqlstate) : 'ok'
    return { status, outcome, startUs: this.startUs ?? endUs, endUs, bytes, gap }
  }

  clear(): void {
    this.bytes = 0
    this.parts = 0
    this.startUs = undefined
    this.error = undefined
    this.completed = false
    this.challenged = false
    this.gap = false
  }
}
