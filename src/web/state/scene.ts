import type { Scene, SceneNode } from '../draw/flow-map.ts'
import type { LayoutGraph } from '../layout/index.ts'
import type { FeedService } from './feed.ts'
import type { MapGhost } from './ghosts.ts'
import type { Level } from './level.ts'

/** What the map draws of a place, in the same order; after it, who is gone. */
export function sceneOf(
  { at, topology, districts }: Level,
  ghosts: readonly MapGhost[] = [],
): Scene {
  const { services, links } = topology
  const here = services.map((service, index) => ({
    id: service.id,
    label: service.name,
    glyph: glyphOf(service),
    district: below(at, districts[index]),
    isDark: service.watched === 'no',
    isIll: service.health === 'unhealthy',
  }))
  const gone = ghosts.map(({ service, district }) => ({
    id: service.id,
    label: service.name,
    glyph: glyphOf(service),
    district: below(at, district),
    isGhost: true,
  }))
  return { nodes: [...here, ...gone], links }
}

/** The part of a path beyond a place; what lies nowhere in it stays whole. */
const below = (at: string, path: string | undefined): string | undefined =>
  path?.startsWith(`${at}/`) ? path.slice(at.length + 1) : path

function glyphOf({ kind, role }: FeedService): SceneNode['glyph'] {
  if (kind === 'group') return 'group'
  if (kind === 'internet') return 'entry'
  return kind === 'external' ? 'external' : role
}

const sides: Partial<Record<FeedService['kind'], 'entry' | 'outside'>> = {
  internet: 'entry',
  external: 'outside',
}

/** What is laid out of it; `requests` are the links' rates, which decide what is drawn straight. */
export function layoutGraphOf(
  { topology: { services, links }, districts }: Level,
  requests: ArrayLike<number>,
  ghosts: readonly MapGhost[] = [],
): LayoutGraph {
  const here = services.map(({ id, kind }, i) => ({ id, group: districts[i], side: sides[kind] }))
  const gone = ghosts.map(({ service, district }) => ({
    id: service.id,
    group: district,
    side: sides[service.kind],
  }))
  return {
    nodes: [...here, ...gone],
    links: links.map(({ client, server }, i) => ({ client, server, rate: requests[i] ?? 0 })),
  }
}
