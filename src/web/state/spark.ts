/** Points of a sparkline: more cannot be told apart at its width. */
export const pointsMax = 90

/** Widths of the line in seconds: the first that holds the values, so that a young page has no empty line. */
const spans = [30, 90, 300, 900]

/** At most `pointsMax` values; each is the greatest of the `each` it stands for, so that no peak is hidden. */
export function thin(values: readonly number[], each: number): number[] {
  const thinned: number[] = []
  // Counted from the newest, so that the groups stay the same while the line moves on.
  for (let end = values.length; end > 0; end -= each) {
    thinned.push(Math.max(...values.slice(Math.max(0, end - each), end)))
  }
  return thinned.reverse()
}

/**
 * SVG paths of a line of values, one a second, and of the area under it, in a box of `width` by `height`. The newest
 * value is at the right edge. `ceiling` is the least value that fills the height.
 */
export function sparkPaths(
  values: readonly number[],
  { width, height, ceiling }: { width: number; height: number; ceiling: number },
): { line: string; area: string } {
  if (values.length < 2) return { line: '', area: '' }
  const span = spans.find(seconds => seconds >= values.length) ?? values.length
  const each = Math.ceil(span / pointsMax)
  const points = thin(values, each)
  const most = Math.max(ceiling, ...points) || 1
  const step = width / (span / each - 1)
  const left = Math.max(0, width - step * (points.length - 1))
  const inner = height - 2
  const text = points
    .map(
      (value, i) =>
        `${(left + i * step).toFixed(1)},${(1 + inner * (1 - value / most)).toFixed(1)}`,
    )
    .join('L')
  const base = height - 1
  return { line: `M${text}`, area: `M${text}L${width},${base}L${left.toFixed(1)},${base}Z` }
}
