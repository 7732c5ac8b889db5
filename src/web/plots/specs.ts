import { duration, formatNumber, join, share } from '../state/format.ts'
import type { Steps } from '../state/series.ts'
import { heatOf } from './heat.ts'
import { linearRange, logRange, seen } from './scale.ts'
import { type Line, type PlotSpec, timesHeight } from './spec.ts'

/** Less than one request in five seconds is little, however high it stands out. */
const requestsCeilingMin = 0.2
const errorsCeilingMin = 0.02
/** Cells of a heat map that can be told apart at the width of a panel. */
const heatLimits = { columnsMax: 92, rowsMax: 34 }

type Frame = Pick<PlotSpec, 'timesMs' | 'fromMs' | 'untilMs'>

const frameOf = ({ timesMs, stepMs, fromMs, untilMs }: Steps): Frame => ({
  timesMs: timesMs.map(ms => ms + stepMs / 2),
  fromMs,
  untilMs,
})

/** Requests per second; those in trouble in their colours at the bottom, errors lowest. */
export function requestsSpec(steps: Steps, hasTimes = false): PlotSpec {
  const range = linearRange([steps.requests], requestsCeilingMin)
  const shown = (k: number, ...values: readonly (number | null)[]) =>
    steps.requests[k] === null
      ? null
      : values.reduce<number>((sum, value) => sum + seen(value ?? 0, range), 0)
  const { requests, warning, error } = steps
  return {
    ...frameOf(steps),
    lines: [
      { tone: 'ring', column: requests, fill: 0.16 },
      {
        tone: 'warning',
        column: requests.map((_, k) => shown(k, warning[k], error[k])),
        fill: 0.8,
        isBare: true,
      },
      { tone: 'error', column: requests.map((_, k) => shown(k, error[k])), fill: 1, isBare: true },
    ],
    ...{ range, isLogarithmic: false, hasTimes, height: heightOf(68, hasTimes), say: formatNumber },
  }
}

/** Bytes per second, where nothing else can be told. */
export function bytesSpec(steps: Steps, say: (value: number) => string): PlotSpec {
  return {
    ...frameOf(steps),
    lines: [{ tone: 'ring', column: steps.bytes, fill: 0.16 }],
    ...{ range: linearRange([steps.bytes], 100), isLogarithmic: false, say },
    ...{ hasTimes: true, height: heightOf(96, true) },
  }
}

/** The share of errors. */
export function errorsSpec(steps: Steps): PlotSpec {
  return {
    ...frameOf(steps),
    lines: [{ tone: 'error', column: steps.errorShare, fill: 0.25 }],
    ...{ range: linearRange([steps.errorShare], errorsCeilingMin), isLogarithmic: false },
    ...{ hasTimes: false, height: 52, say: value => join(share(value)) },
  }
}

const quantiles = (steps: Steps): Line[] => [
  { tone: 'ring', column: steps.p99Us, fill: 0 },
  { tone: 'secondary', column: steps.p90Us, fill: 0 },
  { tone: 'text', column: steps.p50Us, fill: 0 },
]

/** `1 s`, not `1.00 s`: on an axis stand round numbers. */
const sayUs = (us: number) => join(duration(us)).replace(/\.0+ /, ' ')

/** How long half, nine in ten and ninety-nine in a hundred took at most; undefined when nothing was timed. */
export function latencySpec(steps: Steps): PlotSpec | undefined {
  const range = logRange([steps.p50Us, steps.p99Us])
  if (!range) return undefined
  return {
    ...frameOf(steps),
    lines: quantiles(steps),
    ...{ range, isLogarithmic: true, hasTimes: true, height: heightOf(92, true), say: sayUs },
  }
}

/** How often requests took how long; over it half and ninety-nine in a hundred. undefined when nothing was timed. */
export function heatSpec(steps: Steps, boundsUs: readonly number[]): PlotSpec | undefined {
  const heat = heatOf(steps, boundsUs, heatLimits)
  const range = logRange([heat.cells.length > 0 ? [heat.edgesUs[0], heat.edgesUs.at(-1)!] : []])
  if (!range) return undefined
  return {
    ...frameOf(steps),
    heat,
    lines: [
      { tone: 'secondary', column: steps.p99Us, fill: 0 },
      { tone: 'text', column: steps.p50Us, fill: 0 },
    ],
    ...{ range, isLogarithmic: true, hasTimes: true, height: heightOf(124, true), say: sayUs },
  }
}

const heightOf = (height: number, hasTimes: boolean) => height + (hasTimes ? timesHeight : 0)
