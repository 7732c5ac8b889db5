import { fresh } from './blocks.ts'
import type { LayoutGraph, Place } from './graph.ts'
import { Standing } from './sticky.ts'

export type { LayoutGraph, LayoutLink, LayoutNode, Place } from './graph.ts'

/**
 * Where each node of the graph goes, in order: x and y in turn. Nodes that `previous` knows stay exactly where they
 * are; new ones find a free place beside those they talk to; with nobody known, everything is laid out afresh. The
 * same question always gets the same answer.
 */
export function layout(graph: LayoutGraph, previous: ReadonlyMap<string, Place>): Float32Array {
  const known = graph.nodes.map(({ id }) => previous.get(id))
  const places = known.some(place => place) ? new Standing(graph, known).settle() : fresh(graph)
  const positions = new Float32Array(places.length * 2)
  places.forEach(({ x, y }, i) => {
    positions[i * 2] = x
    positions[i * 2 + 1] = y
  })
  return positions
}
