import type { LogLine } from '#model/graph.ts'
import type { Outcome } from '#model/transaction.ts'

/** Which lines of a link's access log, or of all. */
export interface LogQuery {
  /** Undefined: of all links. */
  readonly link?: string
  readonly outcome?: Outcome
  /** Only lines after this sequence number: for who follows. */
  readonly after?: number
  /** Request times in ms since the epoch, `since <= time < until`. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Case-insensitive part of method, resource, status, trace id or an instance's name. */
  readonly text?: string
  /** Only lines whose answer took at least this long; those without an answer have no length. */
  readonly slowerUs?: number
  /** Only lines of this trace: its id as lines have it. */
  readonly traceId?: string
  readonly limit: number
}

/** Kept, and asked for again. */
export interface Store {
  /** Adds lines; a store gives each its sequence number. */
  write(lines: readonly Omit<LogLine, 'sequence'>[]): void
  /** Newest first by their start; late lines stand where their time is, and followers get them as they come. */
  transactions(query: LogQuery): readonly LogLine[]
  /** Lines let go to stay inside the budget, since the start. */
  readonly dropped: number
}
