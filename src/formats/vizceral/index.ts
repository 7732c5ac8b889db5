import type { Graph, GraphService } from '#model/graph.ts'
import type { ServiceRole } from '#model/service.ts'
import { type Counts, emptyCounts, mergeCounts } from '#model/window.ts'
import type { Facts, Format } from '../format.ts'
import { classOf, connectionsOf, metricsOf } from './connections.ts'
import { entryName, harmless, vizceralNames } from './names.ts'
import type { VizceralConnection, VizceralNode, VizceralNotice } from './schema.ts'

/** The cluster, as a region of the global view. */
const regionName = 'cluster'
/** Attribution below this is worth a notice. */
const scoreEnough = 0.9

/**
 * Netflix Vizceral's traffic data: a global view of INTERNET and the cluster, and the cluster with its services.
 * One snapshot each time; metrics are requests per second over the graph's window.
 */
export const vizceral: Format = {
  name: 'vizceral',
  contentType: 'application/json',
  render: facts => JSON.stringify(globalNode(facts)),
}

function globalNode({ graph, agents, roleOf }: Facts): VizceralNode {
  const region = regionNode(graph, roleOf)
  const entering = enteringCounts(graph)
  const gone = agents.filter(({ connected }) => !connected)
  return {
    renderer: 'global',
    name: 'edge',
    entryNode: entryName,
    updated: graph.atMs,
    serverUpdateTime: graph.atMs,
    maxVolume: region.maxVolume,
    nodes: [emptyRegion(entryName), { ...region, notices: regionNotices(graph, gone.length) }],
    connections: [
      {
        source: entryName,
        target: regionName,
        metrics: metricsOf(entering, graph.windowMs),
        class: classOf(entering),
        notices: [],
      },
    ],
  }
}

/** INTERNET holds nothing, and must be there. */
const emptyRegion = (name: string): VizceralNode => ({
  renderer: 'region',
  name,
  displayName: name,
  class: 'normal',
  metadata: {},
  nodes: [],
  connections: [],
})

function regionNode(graph: Graph, roleOf: Facts['roleOf']): VizceralNode {
  const names = vizceralNames(graph.services)
  const connections = connectionsOf(graph, names)
  const counts = countsByServer(graph)
  const shapes = shapesOf(graph, roleOf)
  const services = graph.services
    .filter(({ kind }) => kind !== 'internet')
    .map(service =>
      serviceNode(service, names.get(service.id)!, {
        counts: counts.get(service.id),
        shape: shapes.get(service.id),
      }),
    )
  return {
    renderer: 'region',
    name: regionName,
    displayName: regionName,
    entryNode: entryName,
    class: 'normal',
    updated: graph.atMs,
    maxVolume: volumeStep(connections),
    nodes: [entryNode(), ...services],
    connections,
    metadata: { attributionScore: graph.attribution.score, windowMs: graph.windowMs },
  }
}

const entryNode = (): VizceralNode => ({
  renderer: 'focusedChild',
  name: entryName,
  displayName: entryName,
  node_type: 'users',
  class: 'normal',
})

type Shape = NonNullable<VizceralNode['node_type']>

const shapeOfRole: Readonly<Record<ServiceRole, Shape>> = {
  web: 'service',
  store: 'storage',
  queue: 'pipe',
  plain: 'default',
}

/** The shapes of those that are called, by what they are called with. */
function shapesOf({ links }: Graph, roleOf: Facts['roleOf']): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>()
  for (const { link } of links) {
    const role = roleOf?.(link.protocol) ?? 'plain'
    if (role !== 'plain') found.set(link.server, shapeOfRole[role])
  }
  return found
}

function serviceNode(
  service: GraphService,
  name: string,
  { counts = emptyCounts, shape = 'default' }: { counts?: Counts; shape?: Shape },
): VizceralNode {
  const { kind, instances, health, group } = service
  return {
    renderer: 'focusedChild',
    name,
    displayName: harmless(service.name),
    node_type: kind === 'external' ? 'default' : shape,
    class: health === 'unhealthy' ? 'danger' : classOf(counts),
    notices: health === 'unhealthy' ? [{ title: 'An instance is unhealthy', severity: 2 }] : [],
    metadata: { kind, instances, health, group: group.map(harmless) },
  }
}

function countsByServer({ links }: Graph): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>()
  for (const { link, counts: own } of links) {
    counts.set(link.server, mergeCounts(counts.get(link.server) ?? emptyCounts, own))
  }
  return counts
}

/** What comes from outside. */
function enteringCounts({ services, links }: Graph): Counts {
  const outside = new Set(services.filter(({ kind }) => kind === 'internet').map(({ id }) => id))
  return links
    .filter(({ link }) => outside.has(link.client))
    .reduce((sum, { counts }) => mergeCounts(sum, counts), emptyCounts)
}

/**
 * The rate that is drawn densest. It goes in steps of four, from 50, for density jumps whenever it changes: traffic
 * must grow or shrink much before it does.
 */
function volumeStep(connections: readonly VizceralConnection[]): number {
  const volumes = connections.map(({ metrics }) =>
    Object.values(metrics ?? {}).reduce((sum, rate) => sum + rate, 0),
  )
  const volume = volumes.reduce((sum, each) => sum + each, 0)
  let step = 50
  while (step < volume) step *= 4
  return step
}

function regionNotices({ attribution }: Graph, agentsGone: number): VizceralNotice[] {
  const notices: VizceralNotice[] = []
  if (attribution.score < scoreEnough) {
    const title = `Both services known for ${Math.floor(attribution.score * 100)} % of transactions`
    notices.push({ title, severity: 1 })
  }
  if (agentsGone > 0) {
    const title = agentsGone === 1 ? 'An agent is missing' : `${agentsGone} agents are missing`
    notices.push({ title, severity: 1 })
  }
  return notices
}
