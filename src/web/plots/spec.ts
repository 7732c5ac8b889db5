import type { Column } from '../state/series.ts'
import type { Heat } from './heat.ts'
import type { Range } from './scale.ts'

/** A colour of the page, by the name of its token. */
export type Tone = 'ring' | 'text' | 'secondary' | 'faint' | 'warning' | 'error'

/** One line over time, with the area under it if `fill` is more than 0. */
export interface Line {
  readonly tone: Tone
  readonly column: Column
  /** How opaque the area under it is, 0 to 1. */
  readonly fill: number
  /** Only the area is drawn. */
  readonly isBare?: boolean
}

/** What a plot shows: a value, drawn by `draw-plot.ts`. */
export interface PlotSpec {
  /** Middles of the steps, ms since the epoch. */
  readonly timesMs: readonly number[]
  readonly fromMs: number
  readonly untilMs: number
  readonly lines: readonly Line[]
  /** Drawn below the lines, over the same axes. */
  readonly heat?: Heat
  readonly range: Range
  readonly isLogarithmic: boolean
  /** Height in CSS pixels, with the axis of time where it has one. */
  readonly height: number
  readonly hasTimes: boolean
  /** A value of the axis in words. */
  readonly say: (value: number) => string
}

/** Room for the numbers at the left of every plot, so that those of one panel stand above each other. */
export const gutter = 44
/** Height of the axis of time. */
export const timesHeight = 20
