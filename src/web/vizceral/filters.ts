import type { VizceralConnection, VizceralNode, WholeGraph } from './graph.ts'

/** Shows what it passes; `value` is what it is asked with. */
export interface Filter {
  readonly name: string
  readonly type: 'connection' | 'node'
  passes(object: VizceralNode | VizceralConnection, value: unknown): boolean
  readonly value?: unknown
  readonly defaultValue?: unknown
}

/** What is left to be seen. */
export interface Visible {
  readonly nodes: ReadonlySet<VizceralNode>
  readonly connections: ReadonlySet<VizceralConnection>
}

/**
 * A connection needs both its ends; a node that lost all its connections goes too. The centre of a focused view and
 * the whole of a global one always stay. A filter that throws passes everything.
 */
export function visibleOf(graph: WholeGraph, filters: readonly Filter[]): Visible {
  const isFiltered = graph.place.kind === 'region' || graph.place.kind === 'focused'
  if (!isFiltered || filters.length === 0)
    return { nodes: new Set(graph.nodes), connections: new Set(graph.connections) }
  const passes = (type: Filter['type'], object: VizceralNode | VizceralConnection) =>
    filters.every(filter => filter.type !== type || asked(filter, object))
  const kept = new Set(graph.nodes.filter(node => node.focused || passes('node', node)))
  const connections = new Set(
    graph.connections.filter(
      connection =>
        kept.has(connection.source) &&
        kept.has(connection.target) &&
        passes('connection', connection),
    ),
  )
  const touched = new Set([...connections].flatMap(({ source, target }) => [source, target]))
  const nodes = graph.nodes.filter(
    node => kept.has(node) && (node.focused || touched.has(node) || isLonely(node)),
  )
  return { nodes: new Set(nodes), connections }
}

/** It never had a connection to lose. */
function isLonely({ incomingConnections, outgoingConnections }: VizceralNode): boolean {
  return incomingConnections.length === 0 && outgoingConnections.length === 0
}

function asked(filter: Filter, object: VizceralNode | VizceralConnection): boolean {
  try {
    return Boolean(filter.passes(object, filter.value ?? filter.defaultValue))
  } catch {
    // The page's own function failed: rather show too much than nothing.
    return true
  }
}

/** New filters by name: one that is known takes the new value and keeps its function. */
export function mergeFilters(known: readonly Filter[], changes: readonly Filter[]): Filter[] {
  const byName = new Map(known.map(filter => [filter.name, filter]))
  for (const change of changes) {
    const was = byName.get(change.name)
    byName.set(change.name, was ? { ...was, value: change.value } : change)
  }
  return [...byName.values()]
}
