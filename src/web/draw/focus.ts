import type { Target } from './flow-map.ts'
import type { World, WorldNode } from './world.ts'

/** What the eye is led to; slots, not indexes. */
export interface Focus {
  readonly selected: { readonly kind: Target['kind']; readonly slot: number } | undefined
  readonly hovered: { readonly kind: Target['kind']; readonly slot: number } | undefined
  readonly found: ReadonlySet<number> | undefined
}

/** How much is left of what is not meant. */
const dimmed = { selected: { node: 0.22, link: 0.06 }, hovered: { node: 0.5, link: 0.22 } }
const marks = { selected: 1, hovered: 2, found: 4, dark: 8, ghost: 16, ill: 32 }

/**
 * Writes who is lit: from where the fade stands now (`faded`, 0 to 1) to full light for the target and its
 * neighbours, and little for the rest. A selection beats a search, a search beats the pointer.
 */
export function light(world: World, focus: Focus, faded: number): void {
  const target = focus.selected ?? (focus.found ? undefined : focus.hovered)
  const rest = focus.selected || focus.found ? dimmed.selected : dimmed.hovered
  const lit = target
    ? neighbours(world, target)
    : focus.found
      ? found(world, focus.found)
      : undefined
  for (let slot = 0; slot < world.nodeSlots.size; slot++) {
    const at = slot * 8 + 4
    const { nodeTable } = world
    nodeTable[at] += (nodeTable[at + 1] - nodeTable[at]) * faded
    nodeTable[at + 1] = !lit || lit.nodes.has(slot) ? 1 : rest.node
    nodeTable[at + 3] = marksOf(slot, focus) + keptMarks(world.nodes[slot])
  }
  for (let slot = 0; slot < world.linkSlots.size; slot++) {
    const at = slot * 2
    world.lit[at] += (world.lit[at + 1] - world.lit[at]) * faded
    world.lit[at + 1] = 255 * (!lit || lit.links.has(slot) ? 1 : rest.link)
  }
  world.changed.nodes = true
  world.changed.lit = true
}

/** What a node is, whoever looks at it. */
function keptMarks(node: WorldNode | undefined): number {
  if (!node) return 0
  if (node.isGhost) return marks.ghost
  return node.isDark ? marks.dark : node.isIll ? marks.ill : 0
}

function marksOf(slot: number, { selected, hovered, found }: Focus): number {
  const is = (target: Focus['selected']) => target?.kind === 'service' && target.slot === slot
  return (
    (is(selected) ? marks.selected : 0) +
    (is(hovered) ? marks.hovered : 0) +
    (found?.has(slot) ? marks.found : 0)
  )
}

interface Lit {
  readonly nodes: ReadonlySet<number>
  readonly links: ReadonlySet<number>
}

function neighbours(world: World, { kind, slot }: { kind: Target['kind']; slot: number }): Lit {
  const links = new Set(kind === 'link' ? [slot] : world.linksAt.get(slot))
  const nodes = new Set<number>(kind === 'service' ? [slot] : [])
  for (const link of links) {
    const ends = world.links[link]
    if (ends) nodes.add(ends.client).add(ends.server)
  }
  return { nodes, links }
}

function found(world: World, nodes: ReadonlySet<number>): Lit {
  const links = new Set<number>()
  for (const slot of world.linkOf) {
    const { client, server } = world.links[slot]!
    if (nodes.has(client) && nodes.has(server)) links.add(slot)
  }
  return { nodes, links }
}
