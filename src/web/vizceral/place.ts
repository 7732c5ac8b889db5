import type { TrafficConnection, TrafficNode } from './parse.ts'

/** Names from the root down: `[]` the whole, `['us-east-1']` a region, `['us-east-1', 'api']` one of its nodes. */
export type View = readonly string[]

/** What stands at a view, and who it belongs to. */
export interface Place {
  readonly view: View
  readonly kind: 'global' | 'region' | 'focused' | 'dns'
  readonly owner: TrafficNode
  /** The node in whose view the owner stands. */
  readonly above: TrafficNode | undefined
  readonly nodes: readonly TrafficNode[]
  readonly connections: readonly TrafficConnection[]
  /** The name of the node at which traffic enters. */
  readonly entry: string
  /** The name of the node in the middle of a focused view. */
  readonly centre: string | undefined
  canEnter(node: TrafficNode): boolean
}

const entryDefault = 'INTERNET'

/** The place at a view, or at the nearest one above it that there is. */
export function placeAt(root: TrafficNode, view: View): Place {
  let place = openPlace(root, [], undefined)
  for (const name of view) {
    const node = place.nodes.find(each => each.name === name)
    if (!node || !place.canEnter(node)) break
    if (place.kind === 'focused') break
    place = openPlace(node, [...place.view, name], place)
  }
  return place
}

/** The root itself, as the one node of a place that nobody sees. */
export function placeOfRoot(root: TrafficNode): Place {
  const place = openPlace(root, [], undefined)
  return { ...place, nodes: [root], connections: [], canEnter: () => true }
}

function openPlace(owner: TrafficNode, view: View, from: Place | undefined): Place {
  if (from && owner.renderer === 'focusedChild') return focusOn(owner, view, from)
  const kind = owner.renderer === 'global' || owner.renderer === 'dns' ? owner.renderer : 'region'
  return {
    view,
    kind,
    owner,
    above: from?.owner,
    nodes: owner.nodes,
    connections: owner.connections,
    entry: owner.entryNode ?? (from?.kind === 'global' ? from.entry : entryDefault),
    centre: undefined,
    canEnter: node => (node.renderer === 'focusedChild' ? kind !== 'global' : isFull(node)),
  }
}

/** A node amid those it talks to, made of the connections beside it. */
function focusOn(owner: TrafficNode, view: View, from: Place): Place {
  const touches = ({ source, target }: TrafficConnection) =>
    source === owner.name || target === owner.name
  const connections = from.connections.filter(touches)
  const names = new Set(connections.flatMap(({ source, target }) => [source, target]))
  return {
    view,
    kind: 'focused',
    owner,
    above: from.owner,
    nodes: from.nodes.filter(node => node === owner || names.has(node.name)),
    connections,
    entry: from.entry,
    centre: owner.name,
    canEnter: node => node.name !== owner.name && from.canEnter(node),
  }
}

/** Without a renderer, or empty, a node is only a node. */
function isFull({ renderer, nodes }: TrafficNode): boolean {
  return renderer !== undefined && nodes.length > 0
}
