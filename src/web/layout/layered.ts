import { type Columns, ordered } from './columns.ts'
import { type Arc, ranks, type Side } from './ranks.ts'

/** A box to be placed. */
export interface Item {
  readonly width: number
  readonly height: number
  readonly side: Side
}

/** Centres by item, and the size of the whole, whose middle is 0, 0. */
export interface Layered {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly width: number
  readonly height: number
}

/** The shape asked for, and what it costs (in parts of the size) when ranks share a column: links inside it do not run right. */
export interface Wanted {
  readonly aspect: number
  readonly foldCost: number
  /** Entries have the first column to themselves. */
  readonly entriesApart: boolean
}

const alignSweeps = 8

/**
 * Places boxes in columns by rank. Columns too tall for the wanted aspect (width / height) are split; boxes are drawn
 * level with those they talk to; those that talk to nobody stand in rows below.
 */
export function layered(items: readonly Item[], arcs: readonly Arc[], wanted: Wanted): Layered {
  const { aspect } = wanted
  const x = new Float64Array(items.length)
  const y = new Float64Array(items.length)
  const talks = new Uint8Array(items.length)
  for (const { from, to } of arcs) if (from !== to) talks[from] = talks[to] = 1
  const all = items.map((_, item) => item)
  const talking = all.filter(item => talks[item] === 1)
  const silent = all.filter(item => talks[item] === 0)
  const rank = ranks(
    items.length,
    arcs,
    items.map(item => item.side),
  )
  if (wanted.entriesApart) setEntriesApart(rank, items)
  const form = formFor(rank, items, talking, wanted)
  for (let i = 0; i < rank.length; i++) rank[i] = folded(rank[i], form.fold)
  const columns = ordered(rank, arcs, talking).flatMap(column => divide(column, form.tall, items))
  placeColumns(columns, items, x)
  align(columns, items, arcs, y)
  placeRows(silent, items, aspect, bounds(talking, items, x, y), x, y)
  return centre(items, x, y)
}

/** How ranks become columns: so many ranks share one, and none is taller than this. */
interface Form {
  readonly fold: number
  readonly tall: number
}

const partsMax = 48
const folds = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64]

/** The form whose picture is drawn largest on a screen of the wanted aspect. */
function formFor(
  rank: Int32Array,
  items: readonly Item[],
  talking: readonly number[],
  { aspect, foldCost }: Wanted,
): Form {
  let best: Form = { fold: 1, tall: Number.POSITIVE_INFINITY }
  let bestSize = Number.POSITIVE_INFINITY
  const last = talking.reduce((highest, item) => Math.max(highest, rank[item]), 0)
  for (const fold of folds) {
    if (fold > last + 1) break
    const stacks = stacksOf(rank, items, talking, fold)
    const tallest = stacks.reduce((most, { height }) => Math.max(most, height), 1)
    for (let parts = 1; parts <= partsMax; parts++) {
      const tall = tallest / parts + 1
      const columns = (height: number) => Math.ceil(height / tall)
      const width = stacks.reduce((sum, stack) => sum + columns(stack.height) * stack.width, 0)
      const size = Math.max(width / aspect, tall) * (1 + foldCost * (fold - 1))
      if (size < bestSize - 1e-6) best = { fold, tall }
      bestSize = Math.min(size, bestSize)
    }
  }
  return best
}

function setEntriesApart(rank: Int32Array, items: readonly Item[]): void {
  if (!items.some(({ side }) => side === 'entry')) return
  for (let item = 0; item < rank.length; item++)
    rank[item] = items[item].side === 'entry' ? 0 : Math.max(1, rank[item])
}

/** The first rank, where traffic enters, keeps its column. */
function folded(rank: number, fold: number): number {
  return rank === 0 ? 0 : 1 + Math.floor((rank - 1) / fold)
}

function stacksOf(
  rank: Int32Array,
  items: readonly Item[],
  talking: readonly number[],
  fold: number,
): { width: number; height: number }[] {
  const stacks: { width: number; height: number }[] = []
  for (const item of talking) {
    const at = folded(rank[item], fold)
    stacks[at] ??= { width: 0, height: 0 }
    stacks[at].width = Math.max(stacks[at].width, items[item].width)
    stacks[at].height += items[item].height
  }
  return stacks.filter(stack => stack !== undefined)
}

/** Deals a column out over as many as it needs: each next item to the shortest, so that all keep the order. */
function divide(column: readonly number[], tall: number, items: readonly Item[]): Columns {
  const height = column.reduce((sum, item) => sum + items[item].height, 0)
  const columns: Columns = Array.from({ length: Math.ceil(height / tall) || 1 }, () => [])
  const heights = new Float64Array(columns.length)
  for (const item of column) {
    let shortest = 0
    for (let i = 1; i < heights.length; i++) if (heights[i] < heights[shortest]) shortest = i
    columns[shortest].push(item)
    heights[shortest] += items[item].height
  }
  return columns
}

function widest(column: readonly number[], items: readonly Item[]): number {
  let width = 0
  for (const item of column) width = Math.max(width, items[item].width)
  return width
}

function placeColumns(columns: Columns, items: readonly Item[], x: Float64Array): void {
  let left = 0
  for (const column of columns) {
    const width = widest(column, items)
    for (const item of column) x[item] = left + items[item].width / 2
    left += width
  }
}

/** Draws items level with their neighbours, as near as their order and height allow. */
function align(
  columns: Columns,
  items: readonly Item[],
  arcs: readonly Arc[],
  y: Float64Array,
): void {
  for (const column of columns) settle(column, items, y, () => 0)
  const wishes = wishesOf(items.length, arcs)
  for (let sweep = 0; sweep < alignSweeps; sweep++) {
    const right = sweep % 2 === 0
    for (const column of right ? columns : [...columns].reverse())
      settle(column, items, y, item => wish(wishes[item], y) ?? y[item])
  }
}

interface Wish {
  readonly other: number
  readonly offset: number
  readonly weight: number
}

function wishesOf(count: number, arcs: readonly Arc[]): Wish[][] {
  const wishes: Wish[][] = Array.from({ length: count }, () => [])
  for (const { from, to, weight, fromY, toY } of arcs) {
    if (from === to) continue
    wishes[to].push({ other: from, offset: fromY - toY, weight })
    wishes[from].push({ other: to, offset: toY - fromY, weight })
  }
  return wishes
}

function wish(wishes: readonly Wish[], y: Float64Array): number | undefined {
  let sum = 0
  let weights = 0
  for (const { other, offset, weight } of wishes) {
    sum += (y[other] + offset) * weight
    weights += weight
  }
  return weights > 0 ? sum / weights : undefined
}

/**
 * Sets a column's y as near to the wishes (least squares) as its order and heights allow: items that would overlap
 * are pooled and share the mean of what they wish (pool adjacent violators).
 */
function settle(
  column: readonly number[],
  items: readonly Item[],
  y: Float64Array,
  wished: (item: number) => number,
): void {
  const pools: { sum: number; count: number }[] = []
  const offsets: number[] = []
  let offset = 0
  column.forEach((item, i) => {
    if (i > 0) offset += (items[column[i - 1]].height + items[item].height) / 2
    offsets.push(offset)
    pools.push({ sum: wished(item) - offset, count: 1 })
    while (pools.length > 1 && mean(pools[pools.length - 1]) <= mean(pools[pools.length - 2])) {
      const last = pools.pop()!
      pools[pools.length - 1].sum += last.sum
      pools[pools.length - 1].count += last.count
    }
  })
  let i = 0
  for (const pool of pools)
    for (let n = 0; n < pool.count; n++, i++) y[column[i]] = mean(pool) + offsets[i]
}

function mean({ sum, count }: { sum: number; count: number }): number {
  return sum / count
}

interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function bounds(
  of: readonly number[],
  items: readonly Item[],
  x: Float64Array,
  y: Float64Array,
): Bounds {
  const box = { left: 0, top: 0, right: 0, bottom: 0 }
  of.forEach((item, i) => {
    const { width, height } = items[item]
    box.left = Math.min(i === 0 ? Infinity : box.left, x[item] - width / 2)
    box.right = Math.max(i === 0 ? -Infinity : box.right, x[item] + width / 2)
    box.top = Math.min(i === 0 ? Infinity : box.top, y[item] - height / 2)
    box.bottom = Math.max(i === 0 ? -Infinity : box.bottom, y[item] + height / 2)
  })
  return box
}

/** Rows of those that talk to nobody, below the rest, tallest first. */
/** Widths that are tried for rows. */
const widthsMax = 24

/** Stands boxes in rows below the rest, so wide that the whole is drawn largest on a screen of the wanted aspect. */
function placeRows(
  silent: readonly number[],
  items: readonly Item[],
  aspect: number,
  above: Bounds,
  x: Float64Array,
  y: Float64Array,
): void {
  const tallestFirst = [...silent].sort((a, b) => items[b].height - items[a].height || a - b)
  const place = (wanted: number) => placeInRows(tallestFirst, items, { wanted, above, x, y })
  let best = 0
  let bestSize = Number.POSITIVE_INFINITY
  for (const wanted of widthsOf(tallestFirst, items, above.right - above.left)) {
    const { width, height } = place(wanted)
    const size = Math.max(width, aspect * height)
    if (size < bestSize - 1) [best, bestSize] = [wanted, size]
  }
  place(best)
}

/** As wide as what is above, and as the first boxes one after the other. */
function widthsOf(boxes: readonly number[], items: readonly Item[], least: number): number[] {
  let width = 0
  const widths = boxes.map(box => {
    width += items[box].width
    return Math.max(least, width)
  })
  const step = Math.max(1, Math.ceil(widths.length / widthsMax))
  return [...new Set(widths.filter((_, i) => i % step === 0 || i === widths.length - 1))]
}

interface Rows {
  readonly wanted: number
  readonly above: Bounds
  readonly x: Float64Array
  readonly y: Float64Array
}

/** Fills rows of this width from the left; answers how large the whole is then. */
function placeInRows(
  boxes: readonly number[],
  items: readonly Item[],
  { wanted, above, x, y }: Rows,
): { width: number; height: number } {
  let left = above.left
  let top = above.bottom
  let right = above.right
  let rowHeight = 0
  for (const item of boxes) {
    const { width, height } = items[item]
    if (left > above.left && left + width > above.left + wanted + 1) {
      left = above.left
      top += rowHeight
      rowHeight = 0
    }
    x[item] = left + width / 2
    y[item] = top + height / 2
    left += width
    right = Math.max(right, left)
    rowHeight = Math.max(rowHeight, height)
  }
  return { width: right - above.left, height: top + rowHeight - above.top }
}

function centre(items: readonly Item[], x: Float64Array, y: Float64Array): Layered {
  const box = bounds(
    items.map((_, i) => i),
    items,
    x,
    y,
  )
  for (let i = 0; i < items.length; i++) {
    x[i] -= (box.left + box.right) / 2
    y[i] -= (box.top + box.bottom) / 2
  }
  return { x, y, width: box.right - box.left, height: box.bottom - box.top }
}
