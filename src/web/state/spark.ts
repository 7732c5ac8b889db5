/** Points of a sparkline: more cannot be told apart at its width. */
export const pointsMax = 90

/** At most `pointsMax` values; each is the greatest of those it stands for, so that no peak is hidden. */
export function thin(values: readonly number[]): number[] {
  if (values.length <= pointsMax) return [...values]
  const each = Math.ceil(values.length / pointsMax)
  const thinned: number[] = []
  // Counted from the newest, so that the groups stay the same while the line moves on.
  for (let end = values.length; end > 0; end -= each) {
    thinned.unshift(Math.max(...values.slice(Math.max(0, end - each), end)))
  }
  return thinned
}

/**
 * SVG paths of a line and of the area under it in a box of `width` by `height`. The newest value is at the right edge;
 * a short line does not stretch: it grows from the right. `ceiling` is the least value that fills the height.
 */
export function sparkPaths(
  values: readonly number[],
  { width, height, ceiling }: { width: number; height: number; ceiling: number },
): { line: string; area: string } {
  const points = thin(values)
  if (points.length < 2) return { line: '', area: '' }
  const most = Math.max(ceiling, ...points) || 1
  const step = width / (pointsMax - 1)
  const left = width - step * (points.length - 1)
  const inner = height - 2
  const text = points
    .map(
      (value, i) =>
        `${(left + i * step).toFixed(1)},${(1 + inner * (1 - value / most)).toFixed(1)}`,
    )
    .join('L')
  return { line: `M${text}`, area: `M${text}L${width},${height}L${left.toFixed(1)},${height}Z` }
}
