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

const alignSweeps = 8

/**
 * Places boxes in columns by rank. Columns too tall for the wanted aspect (width / height) are split; boxes are drawn
 * level with those they talk to; those that talk to nobody stand in rows below.
 */
export function layered(items: readonly Item[], arcs: readonly Arc[], aspect: number): Layered {
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
  const order = ordered(rank, arcs, talking)
  const columns = split(order, items, aspect)
  placeColumns(columns, items, x)
  align(columns, items, arcs, y)
  placeRows(silent, items, aspect, bounds(talking, items, x, y), x, y)
  return centre(items, x, y)
}

/** Splits ranks into columns no taller than suits the aspect best. */
function split(order: Columns, items: readonly Item[], aspect: number): Columns {
  const heights = order.map(column => column.reduce((sum, item) => sum + items[item].height, 0))
  const tallest = Math.max(0, ...heights)
  let best = order
  let bestSize = Number.POSITIVE_INFINITY
  for (let parts = 1; parts <= 48; parts++) {
    const cap = tallest / parts
    const columns = order.flatMap((column, i) =>
      divide(column, Math.ceil(heights[i] / (cap + 1)), items),
    )
    const { width, height } = sizeOf(columns, items)
    const size = Math.max(width / aspect, height)
    if (size < bestSize) best = columns
    bestSize = Math.min(size, bestSize)
    if (width > height * aspect * 2) break
  }
  return best
}

/** Deals a column out over several: each next item to the shortest, so that all keep the order. */
function divide(column: readonly number[], parts: number, items: readonly Item[]): Columns {
  if (parts <= 1) return [[...column]]
  const columns: Columns = Array.from({ length: parts }, () => [])
  const heights = new Float64Array(parts)
  for (const item of column) {
    let shortest = 0
    for (let i = 1; i < parts; i++) if (heights[i] < heights[shortest]) shortest = i
    columns[shortest].push(item)
    heights[shortest] += items[item].height
  }
  return columns
}

function sizeOf(columns: Columns, items: readonly Item[]): { width: number; height: number } {
  let width = 0
  let height = 0
  for (const column of columns) {
    let tall = 0
    for (const item of column) tall += items[item].height
    width += widest(column, items)
    height = Math.max(height, tall)
  }
  return { width, height }
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
    for (const item of column) x[item] = left + width / 2
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
function placeRows(
  silent: readonly number[],
  items: readonly Item[],
  aspect: number,
  above: Bounds,
  x: Float64Array,
  y: Float64Array,
): void {
  const area = silent.reduce((sum, item) => sum + items[item].width * items[item].height, 0)
  const wanted = Math.max(above.right - above.left, Math.sqrt(area * aspect))
  const tallestFirst = [...silent].sort((a, b) => items[b].height - items[a].height || a - b)
  let left = above.left
  let top = above.bottom
  let rowHeight = 0
  for (const item of tallestFirst) {
    const { width, height } = items[item]
    if (left > above.left && left + width > above.left + wanted + 1) {
      left = above.left
      top += rowHeight
      rowHeight = 0
    }
    x[item] = left + width / 2
    y[item] = top + height / 2
    left += width
    rowHeight = Math.max(rowHeight, height)
  }
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
