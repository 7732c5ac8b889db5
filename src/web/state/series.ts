import type { Series } from '#model/series.ts'
import type { Minutes } from './view.ts'

/** Seconds of a step, by the minutes that are shown: about as many steps as a plot has pixels. */
export const stepSeconds = { 5: 1, 15: 5 } as const satisfies Record<Minutes, number>
/** Agents tell late what they could not tell in time: so much of what is known is asked for again. */
const againMs = 30_000
/** Then the whole is asked for. */
export const wholeEveryMs = 60_000

/** From when on to ask, to have a stretch that ends at `untilMs`; a step begins at a multiple of its length. */
export function fromOf(minutes: Minutes, untilMs: number): number {
  const stepMs = stepSeconds[minutes] * 1000
  return Math.floor((untilMs - minutes * 60_000) / stepMs) * stepMs
}

/** From when on to ask again: the end of what is known, as long as it fits. */
export function againFrom(known: Series | undefined, fromMs: number, stepMs: number): number {
  if (!known || known.stepMs !== stepMs || (known.fromMs - fromMs) % stepMs !== 0) return fromMs
  const endMs = known.fromMs + known.ok.length * stepMs
  return Math.max(fromMs, Math.floor((endMs - againMs) / stepMs) * stepMs)
}

/** What is known from `fromMs` on, with the newer in the place of the older. Where they do not join, the newer alone. */
export function joinSeries(known: Series | undefined, newer: Series, fromMs: number): Series {
  const { stepMs } = newer
  const kept = known ? (newer.fromMs - known.fromMs) / stepMs : 0
  const isJoined =
    known?.stepMs === stepMs && Number.isInteger(kept) && kept >= 0 && kept <= known.ok.length
  if (!known || !isJoined) return newer
  const first = Math.min(kept, Math.max(0, Math.ceil((fromMs - known.fromMs) / stepMs)))
  const join = <T>(column: (series: Series) => readonly T[]) => [
    ...column(known).slice(first, kept),
    ...column(newer),
  ]
  return {
    ...newer,
    fromMs: known.fromMs + first * stepMs,
    ok: join(({ ok }) => ok),
    warning: join(({ warning }) => warning),
    error: join(({ error }) => error),
    bytes: join(({ bytes }) => bytes),
    p50Us: join(({ p50Us }) => p50Us),
    p90Us: join(({ p90Us }) => p90Us),
    p99Us: join(({ p99Us }) => p99Us),
    latency: join(({ latency }) => latency),
  }
}

/** Steps as a plot shows them: per second; null where nobody kept anything, and where nothing was. */
export interface Steps {
  readonly stepMs: number
  /** The axis of time, ms since the epoch: from the first moment that is shown to the last. */
  readonly fromMs: number
  readonly untilMs: number
  /** Starts of the steps, ms since the epoch. */
  readonly timesMs: readonly number[]
  readonly requests: Column
  readonly ok: Column
  readonly warning: Column
  readonly error: Column
  /** 0 to 1; null without requests. */
  readonly errorShare: Column
  readonly bytes: Column
  readonly p50Us: Column
  readonly p90Us: Column
  readonly p99Us: Column
  readonly latency: Series['latency']
  readonly keptFromMs: number
}

export type Column = readonly (number | null)[]

/** The steps that all have told of, of the last `minutes`. */
export function stepsOf(series: Series, minutes: Minutes): Steps {
  const { fromMs, stepMs, keptFromMs, toldUntilMs } = series
  const told = Math.floor((toldUntilMs - fromMs) / stepMs)
  const count = Math.max(0, Math.min(series.ok.length, told))
  const untilMs = fromMs + count * stepMs
  const indexes = Array.from({ length: count }, (_, k) => k)
  // Of the step in which somebody began to keep, the part before is missing.
  const isKept = (k: number) => fromMs + k * stepMs >= keptFromMs
  const per = (value: (k: number) => number | null): Column =>
    indexes.map(k => (isKept(k) ? value(k) : null))
  const seconds = stepMs / 1000
  const requestsOf = (k: number) => series.ok[k] + series.warning[k] + series.error[k]
  return {
    stepMs,
    fromMs: untilMs - minutes * 60_000,
    untilMs,
    timesMs: indexes.map(k => fromMs + k * stepMs),
    requests: per(k => requestsOf(k) / seconds),
    ok: per(k => series.ok[k] / seconds),
    warning: per(k => series.warning[k] / seconds),
    error: per(k => series.error[k] / seconds),
    errorShare: per(k => (requestsOf(k) > 0 ? series.error[k] / requestsOf(k) : null)),
    bytes: per(k => series.bytes[k] / seconds),
    p50Us: per(k => series.p50Us[k]),
    p90Us: per(k => series.p90Us[k]),
    p99Us: per(k => series.p99Us[k]),
    latency: series.latency.slice(0, count),
    keptFromMs,
  }
}

/** The step that holds a moment; undefined where none does. */
export function stepAt({ timesMs, stepMs }: Steps, timeMs: number): number | undefined {
  const index = Math.floor((timeMs - timesMs[0]) / stepMs)
  return index >= 0 && index < timesMs.length ? index : undefined
}

/** What a column says as a whole. */
export interface Extent {
  readonly least: number
  readonly most: number
  /** Index of the first that is the most. */
  readonly mostAt: number
  readonly newest: number
}

/** undefined when it says nothing. */
export function extentOf(column: Column): Extent | undefined {
  let found: Extent | undefined
  column.forEach((value, i) => {
    if (value === null) return
    if (!found) found = { least: value, most: value, mostAt: i, newest: value }
    else
      found = {
        least: Math.min(found.least, value),
        most: Math.max(found.most, value),
        mostAt: value > found.most ? i : found.mostAt,
        newest: value,
      }
  })
  return found
}
