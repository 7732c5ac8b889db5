import type { VizceralNode } from './graph.ts'

/** What a search found in a view: of all its nodes, and of those that filters leave to be seen. */
export interface Matches {
  readonly total: number
  readonly totalMatches: readonly VizceralNode[]
  readonly visible: number
  readonly visibleMatches: readonly VizceralNode[]
}

export function matchesOf(
  all: readonly VizceralNode[],
  visible: readonly VizceralNode[],
  text: string,
): Matches {
  const wanted = text.toLowerCase()
  const isMatch = (node: VizceralNode) => wanted !== '' && textsOf(node).includes(wanted)
  return {
    total: all.length,
    totalMatches: all.filter(isMatch),
    visible: visible.length,
    visibleMatches: visible.filter(isMatch),
  }
}

/** Its names, its owner, its parts; a line each, so that no match goes across two. */
function textsOf({ name, displayName, metadata, nodes }: VizceralNode): string {
  const owner = typeof metadata.owner === 'string' ? metadata.owner : ''
  return [name, displayName, owner, ...nodes.map(node => node.name)].join('\n').toLowerCase()
}
