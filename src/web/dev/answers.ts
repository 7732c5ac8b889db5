import { type ClusterNode, type NodeDetail, nodesOf, runsOn } from '#model/node.ts'
import type { DemoCluster } from './cluster.ts'
import { flowsOf } from './flows.ts'
import { eventsOf, resourcesOf, seriesOfLinks } from './past.ts'
import { instancesOf } from './shop.ts'

/** What a test may change about the answers of the invented server. */
export interface DemoAnswers {
  /** Since when somebody keeps what happened; undefined: always. */
  keptFromMs: number | undefined
  /** Of these kinds there are no answers: `series`, `resources`, `events`, `nodes`. */
  failing: readonly string[]
  /** How long an answer takes. */
  delayMs: number
  /** Addresses that were asked for, oldest first. */
  readonly asked: string[]
}

export const demoAnswers = (): DemoAnswers => ({
  keptFromMs: undefined,
  failing: [],
  delayMs: 0,
  asked: [],
})

/** What the panels ask beside services and links themselves; undefined where there is no such thing. */
export function panelAnswer(
  cluster: DemoCluster,
  [kind, id = '', part = '']: readonly string[],
  query: URLSearchParams,
  { nowMs, keptFromMs }: { readonly nowMs: number; readonly keptFromMs: number | undefined },
): unknown {
  const serviceOf = (wanted: string | null) => cluster.services.find(each => each.id === wanted)
  if (kind === 'nodes') {
    const nodes = detailsOf(cluster, nowMs)
    return id === '' ? { nodes: nodes.map(summary) } : nodes.find(({ name }) => name === id)
  }
  if (kind === 'events') {
    const service = serviceOf(query.get('service'))
    return { events: service ? eventsOf(service, cluster.startMs) : [] }
  }
  if (kind === 'services' && part === 'flows') return flowsOf(cluster, id, nowMs)
  const link = cluster.links.find(each => each.id === id)
  if (kind === 'links' && part === 'resources') return link && resourcesOf(link)
  if (part !== 'series' || !(link || serviceOf(id))) return undefined
  const end = query.get('side') === 'calls' ? 'client' : 'server'
  const links = link ? [link] : cluster.links.filter(each => each[end] === id)
  const stepMs = Number(query.get('step') ?? 5) * 1000
  const fromMs = Number(query.get('from') ?? nowMs - 900_000)
  return seriesOfLinks(links, { fromMs, stepMs }, nowMs, keptFromMs ?? 0)
}

const summary = ({ runs: _, ...node }: NodeDetail): ClusterNode => node

/** Whoever runs anything, and whoever reports. */
function detailsOf(cluster: DemoCluster, nowMs: number): NodeDetail[] {
  const placed = cluster.services.flatMap(service =>
    instancesOf(service, cluster.startMs).map(instance => ({
      ...{ service, instance, node: instance.node ?? '' },
    })),
  )
  const agents = cluster.status(nowMs).agents.map(agent => ({ ...agent, ...machine }))
  const nodes = nodesOf(placed, agents)
  return nodes.map(node => ({ ...node, runs: runsOn(node.name, placed) }))
}

const machine = { cpus: 8, memoryBytes: 16_000_000_000 }
