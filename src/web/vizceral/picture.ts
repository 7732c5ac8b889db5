import type { Scene, SceneFrame, SceneNode } from '../draw/flow-map.ts'
import type { LayoutGraph } from '../layout/graph.ts'
import type { Visible } from './filters.ts'
import type { VizceralConnection, VizceralNode, WholeGraph } from './graph.ts'

/** A view as the renderer and the layout take it; indexes of scene and layout are those of the two lists. */
export interface Picture {
  readonly nodes: readonly VizceralNode[]
  readonly connections: readonly VizceralConnection[]
  readonly scene: Scene
  readonly layout: LayoutGraph
  /** The figures of the snapshot, as those of the second at `timeMs`. */
  frame(timeMs: number): SceneFrame
}

export interface PictureOptions {
  readonly showLabels: boolean
}

/** Figures of one node older than the newest beside it by this are not the present: it is drawn as unseen. */
const behindMs = 180_000

/**
 * `maxVolume` is the peak of a whole view, which one link seldom carries: from this part of it on a link is as dense as
 * links get. Below it the scale of dots stands still.
 */
const fullPart = 0.25

const glyphs: Readonly<Record<string, SceneNode['glyph']>> = {
  service: 'web',
  storage: 'store',
  pipe: 'queue',
  user: 'external',
  users: 'external',
}

export function pictureOf(
  graph: WholeGraph,
  visible: Visible,
  { showLabels }: PictureOptions,
): Picture {
  const nodes = graph.nodes.filter(node => visible.nodes.has(node))
  const kept = graph.connections.flatMap((connection, i) =>
    visible.connections.has(connection) ? [i] : [],
  )
  const connections = kept.map(i => graph.connections[i])
  const index = new Map(nodes.map((node, i) => [node, i]))
  const ends = connections.map(({ source, target }) => ({
    client: index.get(source)!,
    server: index.get(target)!,
  }))
  const newestMs = Math.max(0, ...nodes.flatMap(({ updated }) => updated ?? []))
  const isGlobal = graph.place.kind === 'global'
  const districts = nodes.map(districtOf)
  return {
    nodes,
    connections,
    scene: {
      nodes: nodes.map((node, i) => ({
        id: node.name,
        label: showLabels ? node.displayName : '',
        glyph: glyphOf(node, isGlobal),
        district: districts[i],
        isDark: node.updated !== undefined && node.updated < newestMs - behindMs,
      })),
      links: connections.map(({ source, target }, i) => ({
        id: `${source.name}\n${target.name}`,
        ...ends[i],
        protocol: '',
      })),
    },
    layout: {
      nodes: nodes.map((node, i) => ({
        id: node.name,
        group: districts[i],
        side: node.isEntryNode
          ? 'entry'
          : node.metadata.kind === 'external'
            ? 'outside'
            : undefined,
      })),
      links: connections.map(({ volumeTotal }, i) => ({ ...ends[i], rate: volumeTotal })),
    },
    frame: framesOf(graph, kept),
  }
}

function framesOf(graph: WholeGraph, kept: readonly number[]): Picture['frame'] {
  const { rates, connections, max } = graph
  const column = (figure: (index: number) => number) => Float32Array.from(kept, figure)
  const columns = {
    ok: column(i => rates[i].ok),
    warning: column(i => rates[i].warning),
    error: column(i => rates[i].error),
    p50Us: column(i => amount(connections[i].metadata, 'p50Ms') * 1000),
    p99Us: column(i => amount(connections[i].metadata, 'p99Ms') * 1000),
    bytes: column(i => amount(connections[i].metadata, 'bytesPerSecond')),
  }
  return timeMs => ({ timeMs, ...columns, densest: (max ?? 0) * fullPart })
}

function glyphOf(node: VizceralNode, isGlobal: boolean): SceneNode['glyph'] {
  if (node.isEntryNode) return 'entry'
  if (node.metadata.kind === 'external') return 'external'
  if (isGlobal) return 'group'
  return Object.hasOwn(glyphs, node.node_type) ? glyphs[node.node_type] : 'plain'
}

/** `metadata.group` is ours: the names of what a service belongs to, from the outside in. */
function districtOf({ metadata: { group } }: VizceralNode): string | undefined {
  if (!Array.isArray(group)) return undefined
  const names = group.filter(name => typeof name === 'string' && name !== '').slice(0, 8)
  return names.length > 0 ? names.map(name => name.slice(0, 120)).join('/') : undefined
}

function amount(metadata: Readonly<Record<string, unknown>>, key: string): number {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0
}
