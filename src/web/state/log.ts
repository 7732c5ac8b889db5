import type { LogLine } from '#model/graph.ts'
import type { Outcome } from '#model/transaction.ts'
import { type Counts, emptyCounts } from '#model/window.ts'
import type { LogPage } from './api.ts'
import type { Moment } from './view.ts'

/** Lines that the drawer keeps; older ones fall off the end. */
export const linesMax = 2000

/** Which lines are read. */
export interface Wanted {
  readonly outcome: Outcome | undefined
  readonly text: string
  /** Those that took at least so long; 0: all. */
  readonly slowerMs: number
  /** Those of this trace, on all links; empty: those of the link. */
  readonly trace: string
}

/** The access log of one link, as far as it is read. */
export interface Log extends Wanted {
  readonly link: string
  /** Only of this second, by its start, ms since the epoch; or of so many. */
  readonly secondMs: number | undefined
  readonly seconds: number
  /** Newest first by their start, what is on the screen. */
  readonly lines: readonly LogLine[]
  /** Newest first by their start, what came while paused. */
  readonly waiting: readonly LogLine[]
  readonly following: boolean
  /** Lines above this sequence number came with the newest answer: they are shown as new. */
  readonly seenSequence: number
  /** Exact transactions per outcome within the last minute, of which the lines are a sample. */
  readonly total: Counts
  readonly loaded: boolean
  readonly error: string | undefined
}

/** `moment`: only its requests are read at first. */
export function openLog(link: string, moment?: Moment, wanted: Partial<Wanted> = {}): Log {
  return {
    link,
    outcome: moment?.outcome,
    text: '',
    slowerMs: 0,
    trace: '',
    ...wanted,
    secondMs: moment?.timeMs,
    seconds: moment?.seconds ?? 1,
    lines: [],
    waiting: [],
    following: moment === undefined,
    seenSequence: 0,
    total: emptyCounts,
    loaded: false,
    error: undefined,
  }
}

/** Another filter starts from nothing. */
export const filterLog = (log: Log, wanted: Partial<Wanted>): Log => ({
  ...openLog(log.link),
  outcome: log.outcome,
  text: log.text,
  slowerMs: log.slowerMs,
  trace: log.trace,
  secondMs: log.secondMs,
  seconds: log.seconds,
  following: log.following,
  total: log.total,
  ...wanted,
})

/** Requests count in the second in which they end: those of the slowest began this long before. */
const slowestMs = 30_000

/** When the requests of a second may have begun; or of so many. */
export const aboutSecond = (secondMs: number, seconds: number) => ({
  sinceMs: secondMs - slowestMs,
  untilMs: secondMs + 1000 * seconds,
})

/** Whether a request ended in the seconds that are asked for. */
function isWanted({ secondMs, seconds }: Log, { startUs, durationUs = 0 }: LogLine): boolean {
  const endMs = (startUs + durationUs) / 1000
  return secondMs === undefined || (secondMs <= endMs && endMs < secondMs + 1000 * seconds)
}

/** The newest sequence number that was read, what a follower asks `after`. Late lines stand below older numbers. */
export function newestSequence({ lines, waiting }: Log): number | undefined {
  let newest: number | undefined
  for (const { sequence } of lines) newest = Math.max(newest ?? 0, sequence)
  for (const { sequence } of waiting) newest = Math.max(newest ?? 0, sequence)
  return newest
}

/** Adds what the server answered; the first answer is shown even when paused. */
export function addLines(log: Log, { lines, total }: LogPage): Log {
  const newest = newestSequence(log) ?? Number.NEGATIVE_INFINITY
  const fresh = lines.filter(line => line.sequence > newest && isWanted(log, line))
  const base = { ...log, total: total ?? log.total, loaded: true, error: undefined }
  if (!log.following && log.loaded) {
    return { ...base, waiting: merge(fresh, log.waiting) }
  }
  if (fresh.length === 0) return base
  return {
    ...base,
    seenSequence: log.loaded ? newest : Math.max(...fresh.map(({ sequence }) => sequence)),
    lines: merge(fresh, log.lines),
  }
}

/** Both in order of time, newest first. */
function merge(fresh: readonly LogLine[], known: readonly LogLine[]): readonly LogLine[] {
  const all = [...fresh, ...known]
  const isLate = fresh.length > 0 && known.length > 0 && fresh.at(-1)!.startUs < known[0].startUs
  if (isLate) all.sort((a, b) => b.startUs - a.startUs)
  return all.slice(0, linesMax)
}

/** Whether some lines are left out. */
export const isFiltered = ({ outcome, text, slowerMs, trace }: Wanted): boolean =>
  outcome !== undefined || text !== '' || slowerMs > 0 || trace !== ''

export const failLog = (log: Log, error: string): Log => ({ ...log, error })

export const pauseLog = (log: Log): Log => ({ ...log, following: false })

/** Shows what waited. */
export const followLog = (log: Log): Log => ({
  ...log,
  following: true,
  lines: merge(log.waiting, log.lines),
  waiting: [],
})
