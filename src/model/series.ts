import { boundsUs, quantileUs } from '#lib/histogram.ts'
import type { LinkWindow } from './graph.ts'

/** Which stretch of time, and how long each of its steps is: whole seconds. */
export interface SeriesRange {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
}

/** Whose: a link's, or all that is said to a service (`callers`) or that it says itself (`calls`). */
export type SeriesOf =
  | { readonly link: string }
  | { readonly service: string; readonly side: SeriesSide }

export const seriesSides = ['callers', 'calls'] as const
export type SeriesSide = (typeof seriesSides)[number]

/** What happened step by step: one entry a step in each list. Counts are exact. */
export interface Series {
  readonly fromMs: number
  readonly stepMs: number
  /** Nobody kept what was before: its steps are zero. */
  readonly keptFromMs: number
  /** All have told of what was before; of what came after they are still telling. */
  readonly toldUntilMs: number
  readonly ok: readonly number[]
  readonly warning: readonly number[]
  readonly error: readonly number[]
  /** Both directions. */
  readonly bytes: readonly number[]
  /** Null without answers. */
  readonly p50Us: readonly (number | null)[]
  readonly p90Us: readonly (number | null)[]
  readonly p99Us: readonly (number | null)[]
  /** Where each bucket of the histograms begins. */
  readonly boundsUs: readonly number[]
  /** A histogram a step: buckets by their place in `boundsUs`, and how many fell in. */
  readonly latency: readonly (readonly (readonly [bound: number, count: number])[])[]
}

/** Steps as columns. */
export function seriesOf(
  steps: readonly Pick<LinkWindow, 'counts' | 'traffic' | 'latency'>[],
  times: Pick<Series, 'fromMs' | 'stepMs' | 'keptFromMs' | 'toldUntilMs'>,
): Series {
  const quantiles = (q: number) => steps.map(({ latency }) => quantileUs(latency, q) ?? null)
  return {
    ...times,
    ok: steps.map(({ counts }) => counts.ok),
    warning: steps.map(({ counts }) => counts.warning),
    error: steps.map(({ counts }) => counts.error),
    bytes: steps.map(({ traffic }) => traffic.requestBytes + traffic.responseBytes),
    p50Us: quantiles(0.5),
    p90Us: quantiles(0.9),
    p99Us: quantiles(0.99),
    boundsUs,
    latency: steps.map(({ latency }) => pairsOf(latency)),
  }
}

function pairsOf(histogram: LinkWindow['latency']): (readonly [number, number])[] {
  const pairs: [number, number][] = []
  for (let i = 0; i < histogram.length; i += 2) pairs.push([histogram[i], histogram[i + 1]])
  return pairs
}
