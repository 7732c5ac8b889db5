import { fresh } from './blocks.ts'
import { cell, type LayoutGraph, type Place } from './graph.ts'
import { Standing } from './sticky.ts'

export type { LayoutGraph, LayoutLink, LayoutNode, Place } from './graph.ts'

type Places = ReadonlyMap<string, Place>
const nobody: Places = new Map()

/**
 * Where each node of the graph goes, in order: x and y in turn. Nodes that `hands` or `previous` know stay exactly
 * where they are; new ones find a free place beside those they talk to, and none where hands have put somebody who is
 * away; with nobody standing, everything is laid out afresh, round what hands have placed. The same question always
 * gets the same answer.
 */
export function layout(graph: LayoutGraph, previous: Places, hands: Places = nobody): Float32Array {
  const known = graph.nodes.map(({ id }) => hands.get(id) ?? previous.get(id))
  const byHand = new Set(graph.nodes.flatMap(({ id }, node) => (hands.has(id) ? [node] : [])))
  const stands = known.some((place, node) => place && !byHand.has(node))
  const begun = stands || byHand.size * 2 >= graph.nodes.length
  const start = begun ? known : outOfTheWay(fresh(graph), known, [...hands.values()])
  const here = new Set(graph.nodes.map(({ id }) => id))
  const away = [...hands].flatMap(([id, place]) => (here.has(id) ? [] : [place]))
  const places = start.every(place => place)
    ? (start as Place[])
    : new Standing(graph, start, { byHand, away }).settle()
  const positions = new Float32Array(places.length * 2)
  places.forEach(({ x, y }, i) => {
    positions[i * 2] = x
    positions[i * 2 + 1] = y
  })
  return positions
}

/** A layout from nothing, with those known where they are, and without those who would stand in the way of hands. */
function outOfTheWay(
  made: readonly Place[],
  known: readonly (Place | undefined)[],
  hands: readonly Place[],
): (Place | undefined)[] {
  const isFree = ({ x, y }: Place) =>
    hands.every(
      hand => Math.abs(hand.x - x) >= cell.width - 1 || Math.abs(hand.y - y) >= cell.height - 1,
    )
  return made.map((place, node) => known[node] ?? (isFree(place) ? place : undefined))
}
