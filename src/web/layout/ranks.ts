/** A link between items of a layout, by index; `weight` grows with its traffic. */
export interface Arc {
  readonly from: number
  readonly to: number
  readonly weight: number
  /** Where it leaves and arrives, off the centres of the items (y). */
  readonly fromY: number
  readonly toY: number
}

export type Side = 'entry' | 'outside' | undefined

/**
 * Columns, left to right: each item right of all its callers, as the longest way from where traffic enters. Cycles
 * are cut where a walk from the entries, heaviest links first, comes back to itself. Callers that nobody calls stand
 * right before the first they call; outside parties in the last column.
 */
export function ranks(count: number, arcs: readonly Arc[], sides: readonly Side[]): Int32Array {
  const out = outgoing(count, arcs)
  const { order, back } = walk(count, arcs, out, sides)
  const rank = new Int32Array(count)
  const called = new Uint8Array(count)
  for (const item of order)
    for (const arc of out[item]) {
      const { to } = arcs[arc]
      if (back[arc] === 1) continue
      called[to] = 1
      rank[to] = Math.max(rank[to], rank[item] + 1)
    }
  pull(rank, called, arcs, out, sides)
  return rank
}

function pull(
  rank: Int32Array,
  called: Uint8Array,
  arcs: readonly Arc[],
  out: readonly number[][],
  sides: readonly Side[],
): void {
  const last = Math.max(0, ...rank)
  for (let item = 0; item < rank.length; item++) {
    if (sides[item] === 'outside' && out[item].length === 0) rank[item] = Math.max(1, last)
    if (called[item] === 1 || sides[item] === 'entry' || out[item].length === 0) continue
    let first = Number.POSITIVE_INFINITY
    for (const arc of out[item]) first = Math.min(first, rank[arcs[arc].to])
    rank[item] = Math.max(rank[item], first - 1)
  }
}

/** Arcs by where they leave, heaviest first. Where two items call each other, only the heavier way counts. */
function outgoing(count: number, arcs: readonly Arc[]): number[][] {
  const out: number[][] = Array.from({ length: count }, () => [])
  const sum = new Map<number, number>()
  for (const { from, to, weight } of arcs)
    sum.set(from * count + to, (sum.get(from * count + to) ?? 0) + weight)
  arcs.forEach(({ from, to }, i) => {
    const balance = sum.get(from * count + to)! - (sum.get(to * count + from) ?? 0)
    if (from !== to && (balance > 0 || (balance === 0 && from < to))) out[from].push(i)
  })
  for (const list of out)
    list.sort((a, b) => arcs[b].weight - arcs[a].weight || arcs[a].to - arcs[b].to)
  return out
}

/** A depth-first walk without recursion: items in topological order, and the arcs that lead back. */
function walk(
  count: number,
  arcs: readonly Arc[],
  out: readonly number[][],
  sides: readonly Side[],
): { order: number[]; back: Uint8Array } {
  const state = new Uint8Array(count)
  const back = new Uint8Array(arcs.length)
  const next = new Int32Array(count)
  const order: number[] = []
  for (const start of starts(count, arcs, sides)) {
    if (state[start] !== 0) continue
    const path = [start]
    state[start] = 1
    while (path.length > 0) {
      const item = path[path.length - 1]
      const arc = out[item][next[item]++]
      if (arc === undefined) {
        state[item] = 2
        order.push(path.pop()!)
        continue
      }
      const { to } = arcs[arc]
      if (state[to] === 1) back[arc] = 1
      if (state[to] !== 0) continue
      state[to] = 1
      path.push(to)
    }
  }
  return { order: order.reverse(), back }
}

/** Where walks begin: entries, then those nobody calls, then the rest, those that call most of the load first. */
function starts(count: number, arcs: readonly Arc[], sides: readonly Side[]): number[] {
  const called = new Uint8Array(count)
  const balance = new Float64Array(count)
  for (const { from, to, weight } of arcs) {
    if (from === to) continue
    called[to] = 1
    balance[from] += weight
    balance[to] -= weight
  }
  const worth = (item: number) => (sides[item] === 'entry' ? 2 : called[item] === 0 ? 1 : 0)
  return Array.from({ length: count }, (_, item) => item).sort(
    (a, b) => worth(b) - worth(a) || balance[b] - balance[a] || a - b,
  )
}
