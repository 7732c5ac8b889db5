import type { Scene, SceneNode } from '../draw/flow-map.ts'
import type { LayoutGraph } from '../layout/index.ts'
import type { FeedService, Topology } from './feed.ts'

/** What the map draws of a topology, in the same order. */
export function sceneOf({ services, links }: Topology): Scene {
  return {
    nodes: services.map(service => ({
      id: service.id,
      label: service.name,
      kind: service.kind,
      glyph: glyphOf(service),
      group: service.group,
      isDark: service.watched === 'no',
    })),
    links,
  }
}

function glyphOf({ kind, role }: FeedService): SceneNode['glyph'] {
  if (kind === 'internet') return 'entry'
  return kind === 'external' ? 'external' : role
}

const sides: Partial<Record<FeedService['kind'], 'entry' | 'outside'>> = {
  internet: 'entry',
  external: 'outside',
}

/** What is laid out of it; `requests` are the links' rates, which decide what is drawn straight. */
export function layoutGraphOf(
  { services, links }: Topology,
  requests: ArrayLike<number>,
): LayoutGraph {
  return {
    nodes: services.map(({ id, kind, group }) => ({
      id,
      group: group.length > 0 ? group.join('/') : undefined,
      side: sides[kind],
    })),
    links: links.map(({ client, server }, i) => ({ client, server, rate: requests[i] ?? 0 })),
  }
}
