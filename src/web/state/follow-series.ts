import type { Series } from '#model/series.ts'
import type { Answer, Api, SeriesOf } from './api.ts'
import { againFrom, fromOf, joinSeries, stepSeconds, wholeEveryMs } from './series.ts'
import type { Minutes } from './view.ts'

/**
 * Asks for a series again and again: the whole now and then, in between only for its end. Each answer is the whole.
 * `now` is the server's clock.
 */
export function followSeries(
  api: Pick<Api, 'series'>,
  of: SeriesOf,
  minutes: Minutes,
  now: () => number,
): (signal: AbortSignal) => Promise<Answer<Series>> {
  const stepMs = stepSeconds[minutes] * 1000
  let known: Series | undefined
  let wholeMs = Number.NEGATIVE_INFINITY
  return async signal => {
    const nowMs = now()
    const fromMs = fromOf(minutes, nowMs)
    const isWhole = Math.abs(nowMs - wholeMs) >= wholeEveryMs
    const askedMs = isWhole ? fromMs : againFrom(known, fromMs, stepMs)
    const answer = await api.series(of, { fromMs: askedMs, stepMs }, signal)
    if (answer.kind !== 'ok') return answer
    if (isWhole) wholeMs = nowMs
    known = joinSeries(isWhole ? undefined : known, answer.value, fromMs)
    return { kind: 'ok', value: known }
  }
}
