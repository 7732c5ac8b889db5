import { useMemo } from 'react'
import type { SeriesOf } from '../state/api.ts'
import { followSeries } from '../state/follow-series.ts'
import { type Steps, stepSeconds, stepsOf } from '../state/series.ts'
import { type Asked, useAnswer, usePage, useSurroundings } from './use-desk.ts'

/** A plot whose steps are short is asked for this often. */
const askEveryMinMs = 2000

/** Steps as the server told them, and where the buckets of their histograms begin. */
export interface SeriesShown {
  readonly steps: Steps | undefined
  readonly boundsUs: readonly number[]
  readonly asked: Asked<unknown>
}

/** What happened on a link or at a service over the minutes that the page shows; it moves on by itself. */
export function useSeries(
  kind: 'link' | 'service',
  id: string,
  side: 'callers' | 'calls',
): SeriesShown {
  const { api, store } = useSurroundings().desk
  const minutes = usePage(page => page.view.minutes)
  const ask = useMemo(() => {
    const of: SeriesOf = kind === 'link' ? { kind, id } : { kind, id, side }
    // Before the first frame the server's clock is not known.
    const now = () => store.get().picture?.timeMs || Date.now()
    const next = followSeries(api, of, minutes, now)
    return (_: string, signal: AbortSignal) => next(signal)
  }, [api, store, kind, id, side, minutes])
  const everyMs = Math.max(askEveryMinMs, stepSeconds[minutes] * 1000)
  const asked = useAnswer(`${kind} ${id} ${side} ${minutes}`, ask, everyMs)
  const { value } = asked
  const steps = useMemo(() => value && stepsOf(value, minutes), [value, minutes])
  return { steps, boundsUs: value?.boundsUs ?? [], asked }
}
