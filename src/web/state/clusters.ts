import type { AgentState } from '#model/graph.ts'
import type { ClusterNode } from '#model/node.ts'
import { parsePlace } from '#model/place.ts'
import type { Status } from './feed.ts'
import { isWithin, type Path } from './place.ts'

/** What watches a cluster. */
export interface Watchers {
  readonly agents: readonly AgentState[]
  readonly orchestrators: Status['orchestrators']
}

/** Who watches the cluster, or the clusters, that a group is; undefined where it is none. */
export function watchersOf(path: Path, status: Status | undefined): Watchers | undefined {
  if (!status || path === '') return undefined
  const isHere = (cluster: string) => cluster !== '' && isWithin(cluster, path)
  const agents = status.agents.filter(({ node }) => isHere(parsePlace(node).cluster))
  // The server calls those that it asks itself by their cluster: `marathon of production/blue`.
  const orchestrators = status.orchestrators.filter(({ name }) =>
    isHere(name.split(' of ')[1] ?? ''),
  )
  return agents.length > 0 || orchestrators.length > 0 ? { agents, orchestrators } : undefined
}

/** Nodes of a cluster: who is away first, then who has no agent; each by name. */
export function nodesIn(path: Path, nodes: readonly ClusterNode[]): ClusterNode[] {
  const rank = ({ agent }: ClusterNode) => (agent ? (agent.connected ? 2 : 0) : 1)
  return nodes
    .filter(({ place }) => place !== undefined && isWithin(place, path))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true }))
}
