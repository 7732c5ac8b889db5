import type { Arc } from './ranks.ts'

/** The items of each rank, in the order in which they stand, top to bottom. */
export type Columns = number[][]

const sweeps = 24
const sweepsMin = 4
/** Crossings are counted, and the best order kept, up to this many links. */
const countedMax = 250
const portPart = 10_000

/** Neighbours of each item, with the weight of the link. */
interface Near {
  readonly item: number
  readonly weight: number
  /** Where on the neighbour the link ends, as a small part of a place: it only settles ties. */
  readonly port: number
}

/** Orders the items within their ranks so that few links cross: weighted barycentres, swept right and left. */
export function ordered(rank: Int32Array, arcs: readonly Arc[], items: readonly number[]): Columns {
  const columns: Columns = []
  for (const item of items) {
    columns[rank[item]] ??= []
    columns[rank[item]].push(item)
  }
  const filled = columns.filter(column => column !== undefined)
  const near = neighbours(rank.length, arcs)
  const place = new Float64Array(rank.length)
  for (const column of filled) settle(column, place)
  let best = filled.map(column => [...column])
  let fewest = arcs.length <= countedMax ? crossings(arcs, rank, place) : 0
  for (let sweep = 0; sweep < sweeps; sweep++) {
    if (fewest === 0 && sweep >= sweepsMin && arcs.length <= countedMax) break
    const right = sweep % 2 === 0
    for (const column of right ? filled : [...filled].reverse()) {
      sortByNeighbours(column, rank, near, place, right ? -1 : 1, sweep)
      settle(column, place)
    }
    if (arcs.length > countedMax) continue
    const now = crossings(arcs, rank, place)
    if (now <= fewest) best = filled.map(column => [...column])
    fewest = Math.min(fewest, now)
  }
  return arcs.length > countedMax ? filled : best
}

function neighbours(count: number, arcs: readonly Arc[]): Near[][] {
  const near: Near[][] = Array.from({ length: count }, () => [])
  for (const { from, to, weight, fromY, toY } of arcs) {
    if (from === to) continue
    near[from].push({ item: to, weight, port: toY / portPart })
    near[to].push({ item: from, weight, port: fromY / portPart })
  }
  return near
}

/** Places of a column's items: evenly, centred on 0. */
function settle(column: readonly number[], place: Float64Array): void {
  column.forEach((item, i) => {
    place[item] = i - (column.length - 1) / 2
  })
}

function sortByNeighbours(
  column: number[],
  rank: Int32Array,
  near: readonly Near[][],
  place: Float64Array,
  side: -1 | 1,
  sweep: number,
): void {
  const wish = new Map<number, number>()
  for (const item of column) {
    let sum = 0
    let weights = 0
    for (const { item: other, weight, port } of near[item]) {
      const facing = Math.sign(rank[other] - rank[item]) === side || sweep > sweeps - 6
      if (!facing) continue
      sum += (place[other] + port) * weight
      weights += weight
    }
    wish.set(item, weights > 0 ? sum / weights : place[item])
  }
  column.sort((a, b) => wish.get(a)! - wish.get(b)! || place[a] - place[b])
}

/** How many pairs of links cross, taken as straight lines between their ranks. */
function crossings(arcs: readonly Arc[], rank: Int32Array, place: Float64Array): number {
  let count = 0
  for (let i = 0; i < arcs.length; i++)
    for (let j = i + 1; j < arcs.length; j++) if (cross(arcs[i], arcs[j], rank, place)) count++
  return count
}

function cross(a: Arc, b: Arc, rank: Int32Array, place: Float64Array): boolean {
  if (a.from === b.from || a.to === b.to) return false
  const left = Math.max(Math.min(rank[a.from], rank[a.to]), Math.min(rank[b.from], rank[b.to]))
  const right = Math.min(Math.max(rank[a.from], rank[a.to]), Math.max(rank[b.from], rank[b.to]))
  if (left >= right) return false
  const before = at(a, left, rank, place) - at(b, left, rank, place)
  const after = at(a, right, rank, place) - at(b, right, rank, place)
  return before * after < 0
}

function at({ from, to }: Arc, x: number, rank: Int32Array, place: Float64Array): number {
  const part = (x - rank[from]) / (rank[to] - rank[from])
  return place[from] + (place[to] - place[from]) * part
}
