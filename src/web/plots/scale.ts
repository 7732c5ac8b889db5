import type { Column } from '../state/series.ts'

/** Least and greatest value of an axis. */
export type Range = readonly [least: number, most: number]

const steps = [1, 2, 2.5, 5, 10]

/** The round number at or above a value, so that an axis stays as it is while the values move a little. */
export function ceilingOf(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return (steps.find(step => step * power >= value * 0.999) ?? 10) * power
}

/** From zero to the round number above all of these, at least to `least`. */
export function linearRange(columns: readonly Column[], least: number): Range {
  let most = least
  for (const column of columns) for (const value of column) most = Math.max(most, value ?? 0)
  return [0, ceilingOf(most)]
}

/** From 1 or 3 times a power of ten to another around all of these; undefined when there are none above zero. */
export function logRange(columns: readonly Column[]): Range | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const column of columns)
    for (const value of column) {
      if (value === null) continue
      least = Math.min(least, Math.max(1, value))
      most = Math.max(most, value)
    }
  if (most === 0) return undefined
  const first = roundBelow(least)
  return [first, Math.max(first * 10, roundAbove(Math.max(most, least) * 1.02))]
}

const powerOf = (value: number) => 10 ** Math.floor(Math.log10(value))

function roundBelow(value: number): number {
  const power = powerOf(value)
  return value >= 3 * power ? 3 * power : power
}

function roundAbove(value: number): number {
  const power = powerOf(value)
  return value > 3 * power ? 10 * power : 3 * power
}

/** Where lines with a number cross a logarithmic axis: at powers of ten, and at thrice those where they are few. */
export function logSplits([least, most]: Range): number[] {
  const splits: number[] = []
  for (let power = 1; power <= most * 1.01; power *= 10)
    for (const step of most / least > 150 ? [1] : [1, 3])
      if (power * step >= least * 0.99 && power * step <= most * 1.01) splits.push(power * step)
  return splits
}

/** What is not zero can be seen, however little it is. */
const seenPart = 0.02

export const seen = (value: number, [, most]: Range): number =>
  value > 0 ? Math.max(value, seenPart * most) : 0
