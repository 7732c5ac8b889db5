import { cell, districtGap, districtPad, type LayoutGraph, type Place } from './graph.ts'
import { type Item, type Layered, layered } from './layered.ts'
import type { Arc } from './ranks.ts'

const inGroup = { aspect: 1.9, foldCost: 0.9, entriesApart: false }
const inWhole = { aspect: 1.75, entriesApart: true }
/** Groups may stand below one another and still be read; single nodes should not. */
const foldCosts = { district: 0.1, single: 0.9 }

/** A group with its members laid out, or a node that belongs to none. */
interface Block {
  readonly members: readonly number[]
  readonly inner: Layered
  readonly district: boolean
}

/**
 * A layout from nothing: groups first laid out each for itself, then as boxes among the rest; who never talks with the
 * others, not even through somebody else, is laid out apart from them and stands beside.
 */
export function fresh(graph: LayoutGraph): Place[] {
  const blocks = blocksOf(graph)
  const districts = blocks.filter(block => block.district).length / Math.max(1, blocks.length)
  const foldCost = foldCosts.district * districts + foldCosts.single * (1 - districts)
  const arcs = arcsBetween(blocks, graph)
  const items = blocks.map(block => itemOf(block, graph))
  const parts = withEntries(connected(blocks.length, arcs), items).map(of => {
    const index = new Map(of.map((block, i) => [block, i]))
    const inside = arcs.flatMap(arc => {
      const [from, to] = [index.get(arc.from), index.get(arc.to)]
      return from === undefined || to === undefined ? [] : [{ ...arc, from, to }]
    })
    const inner = layered(
      of.map(block => items[block]),
      inside,
      { ...inWhole, foldCost },
    )
    return { of, inner }
  })
  const outer = layered(
    parts.map(({ inner }) => ({ ...inner, side: undefined })),
    [],
    { ...inWhole, foldCost },
  )
  const places: Place[] = new Array(graph.nodes.length)
  parts.forEach(({ of, inner: { x, y } }, p) => {
    of.forEach((block, i) => {
      put(blocks[block], { x: outer.x[p] + x[i], y: outer.y[p] + y[i] }, places)
    })
  })
  return places
}

function put({ members, inner, district }: Block, centre: Place, places: Place[]): void {
  const lift = district ? (districtPad.top - districtPad.bottom) / 2 : 0
  members.forEach((node, i) => {
    places[node] = { x: centre.x + inner.x[i], y: centre.y + inner.y[i] + lift }
  })
}

/** Blocks that arcs join, whichever way they run, in order of their first. */
function connected(count: number, arcs: readonly Arc[]): number[][] {
  const root = Array.from({ length: count }, (_, block) => block)
  const find = (block: number): number => {
    let at = block
    while (root[at] !== at) at = root[at] = root[root[at]]
    return at
  }
  for (const { from, to } of arcs) root[find(to)] = find(from)
  return [...Map.groupBy(root.keys(), find).values()]
}

/** Where traffic comes in stands with the largest part, whoever it talks with: at the left of all. */
function withEntries(parts: readonly number[][], items: readonly Item[]): number[][] {
  const size = (of: readonly number[]) =>
    of.reduce((sum, block) => sum + items[block].width * items[block].height, 0)
  const [main = [], ...others] = [...parts].sort((a, b) => size(b) - size(a))
  const isEntry = (of: readonly number[]) => of.some(block => items[block].side === 'entry')
  const joined = [main, ...others.filter(isEntry)].flat().sort((a, b) => a - b)
  return [joined, ...others.filter(of => !isEntry(of))]
}

function blocksOf(graph: LayoutGraph): Block[] {
  const groups = new Map<string, number[]>()
  graph.nodes.forEach(({ group }, node) => {
    const key = group === undefined ? `alone ${node}` : `group ${group}`
    const members = groups.get(key)
    if (members) members.push(node)
    else groups.set(key, [node])
  })
  const inside = arcsWithin(graph)
  const entered = enteredFromOutside(graph)
  return [...groups.entries()].map(([key, members]) => ({
    members,
    inner: layered(
      members.map(node => ({
        ...cell,
        side: entered.has(node) ? 'entry' : graph.nodes[node].side,
      })),
      inside(members),
      inGroup,
    ),
    district: key.startsWith('group '),
  }))
}

/** Nodes that are called from outside their group: where traffic comes in. */
function enteredFromOutside(graph: LayoutGraph): Set<number> {
  const entered = graph.links.filter(
    ({ client, server }) => graph.nodes[client].group !== graph.nodes[server].group,
  )
  return new Set(entered.map(({ server }) => server))
}

/** Links by group, so that each group looks only at its own. */
function arcsWithin(graph: LayoutGraph): (members: readonly number[]) => Arc[] {
  const out: { to: number; weight: number }[][] = graph.nodes.map(() => [])
  for (const { client, server, rate } of graph.links)
    out[client].push({ to: server, weight: weightOf(rate) })
  return members => {
    const index = new Map(members.map((node, i) => [node, i]))
    return members.flatMap((node, from) =>
      out[node].flatMap(({ to, weight }) => {
        const other = index.get(to)
        return other === undefined ? [] : [{ from, to: other, weight, fromY: 0, toY: 0 }]
      }),
    )
  }
}

function weightOf(rate: number): number {
  return 1 + Math.log10(1 + Math.max(0, rate))
}

function itemOf({ inner, members, district }: Block, graph: LayoutGraph): Item {
  const sides = new Set(members.map(node => graph.nodes[node].side))
  const side = sides.size === 1 ? graph.nodes[members[0]].side : undefined
  if (!district) return { width: inner.width, height: inner.height, side }
  return {
    width: inner.width - cell.width + 2 * districtPad.x + districtGap,
    height: inner.height - cell.height + districtPad.top + districtPad.bottom + districtGap,
    side,
  }
}

function arcsBetween(blocks: readonly Block[], graph: LayoutGraph): Arc[] {
  const home = new Int32Array(graph.nodes.length)
  const offset = new Float64Array(graph.nodes.length)
  blocks.forEach(({ members, inner }, b) => {
    members.forEach((node, i) => {
      home[node] = b
      offset[node] = inner.y[i]
    })
  })
  return graph.links.flatMap(({ client, server, rate }) => {
    const from = home[client]
    const to = home[server]
    if (from === to) return []
    return [{ from, to, weight: weightOf(rate), fromY: offset[client], toY: offset[server] }]
  })
}
