import type { Steps } from '../state/series.ts'

/** How often requests took how long, and when: what a cell counts is between two moments and two latencies. */
export interface Heat {
  /** Edges of the columns, ms since the epoch; the last is the end. */
  readonly edgesMs: readonly number[]
  /** Edges of the rows, us. */
  readonly edgesUs: readonly number[]
  readonly cells: readonly Cell[]
  /** The greatest count. */
  readonly most: number
}

export interface Cell {
  readonly column: number
  readonly row: number
  readonly count: number
  /** 1 to `heatLevels`: how much it stands out. */
  readonly level: number
}

/** Shades that can be told apart. */
export const heatLevels = 7

/** How opaque a cell of a level is, 0 to 1. */
export const heatOpacity = (level: number) => 0.1 + 0.9 * ((level - 1) / (heatLevels - 1)) ** 1.2

export interface HeatLimits {
  readonly columnsMax: number
  readonly rowsMax: number
}

/** Joins steps and buckets until they are few enough to be seen one by one. Columns stay what they are as time goes on. */
export function heatOf(steps: Steps, boundsUs: readonly number[], limits: HeatLimits): Heat {
  const { stepMs, timesMs, untilMs, fromMs, latency } = steps
  const joined = Math.max(1, Math.ceil((untilMs - fromMs) / stepMs / limits.columnsMax))
  const columnMs = joined * stepMs
  const firstMs = Math.floor((timesMs[0] ?? fromMs) / columnMs) * columnMs
  const buckets = latency.flatMap(pairs => pairs.map(([bucket]) => bucket))
  const first = buckets.reduce((least, bucket) => Math.min(least, bucket), boundsUs.length - 1)
  const last = buckets.reduce((most, bucket) => Math.max(most, bucket), 0)
  const rowBuckets = widthOf(Math.max(1, last - first + 1) / limits.rowsMax)
  const firstRow = Math.floor(first / rowBuckets)
  const rows = Math.max(0, Math.floor(last / rowBuckets) - firstRow + 1)
  const columns = Math.max(0, Math.ceil((untilMs - firstMs) / columnMs))
  const counts = new Float64Array(columns * rows)
  latency.forEach((pairs, k) => {
    const column = Math.floor((timesMs[k] - firstMs) / columnMs)
    for (const [bucket, count] of pairs)
      counts[column * rows + Math.floor(bucket / rowBuckets) - firstRow] += count
  })
  const most = counts.reduce((greatest, count) => Math.max(greatest, count), 0)
  const edgeUs = (row: number) =>
    boundsUs[Math.min(boundsUs.length - 1, (firstRow + row) * rowBuckets)]
  return {
    edgesMs: Array.from({ length: columns + 1 }, (_, k) =>
      Math.min(untilMs, firstMs + k * columnMs),
    ),
    edgesUs: Array.from({ length: rows + 1 }, (_, k) => Math.max(1, edgeUs(k))),
    cells: cellsOf(counts, rows, most),
    most,
  }
}

/** The next power of two: rows then begin where octaves do. */
const widthOf = (buckets: number) => 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(1, buckets))))

/** By the logarithm: a single slow request is seen beside a hundred quick ones. */
function cellsOf(counts: Float64Array, rows: number, most: number): Cell[] {
  const cells: Cell[] = []
  counts.forEach((count, i) => {
    if (count === 0) return
    const part = most > 1 ? Math.log(count) / Math.log(most) : 1
    const level = 1 + Math.min(heatLevels - 1, Math.floor(part * heatLevels))
    cells.push({ column: Math.floor(i / rows), row: i % rows, count, level })
  })
  return cells
}
