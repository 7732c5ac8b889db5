import type { AgentState } from './graph.ts'
import { parsePlace } from './place.ts'
import type { Instance, Service } from './service.ts'

/** A machine of a cluster, and what runs on it. */
export interface ClusterNode {
  /** As its agent calls it, its cluster included; else as those call it who tell of what runs there. */
  readonly name: string
  /** The cluster that it is of; absent where there is one alone. */
  readonly place?: string
  /** Absent where no agent reports, or did lately. */
  readonly agent?: AgentState
  readonly services: number
  readonly instances: number
  /** Processors and memory of the machine. */
  readonly cpus?: number
  readonly memoryBytes?: number
}

/** An instance on a node, without what only its service's panel shows. */
export interface Running {
  readonly service: Service
  readonly instance: Omit<Instance, 'labels' | 'mounts' | 'published' | 'environment'>
}

export interface NodeDetail extends ClusterNode {
  /** Its instances by service and name, at most `runsMax` of them. */
  readonly runs: readonly Running[]
}

/** Instances told of one node. */
export const runsMax = 1000

/** Where an instance is. */
export interface Placed {
  readonly service: Service
  readonly instance: Instance
  /** Name of the node, its cluster included; empty when nobody said. */
  readonly node: string
}

/** All machines, by name: those whose agents report, and those on which somebody says that something runs. */
export function nodesOf(placed: Iterable<Placed>, agents: readonly AgentState[]): ClusterNode[] {
  const names = new Map<string, { services: Set<string>; instances: number }>()
  for (const { node } of agents) names.set(node, { services: new Set(), instances: 0 })
  for (const { service, node } of placed) {
    if (node === '') continue
    const found = names.get(node) ?? { services: new Set(), instances: 0 }
    found.services.add(service.id)
    found.instances++
    names.set(node, found)
  }
  const nodes = [...names].map(([name, { services, instances }]): ClusterNode => {
    const agent = agents.find(({ node }) => node === name)
    const { cpus, memoryBytes } = agent ?? {}
    const { cluster } = parsePlace(name)
    return {
      name,
      ...(cluster !== '' && { place: cluster }),
      ...(agent && { agent }),
      ...{ services: services.size, instances },
      ...(cpus !== undefined && { cpus }),
      ...(memoryBytes !== undefined && { memoryBytes }),
    }
  })
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** By service the one machine on which all of it runs; services on several, or on nobody knows which, are not in it. */
export function homesOf(placed: Iterable<Placed>): ReadonlyMap<string, string> {
  const homes = new Map<string, string>()
  for (const { service, node } of placed) {
    const known = homes.get(service.id)
    if (known === undefined || known === node) homes.set(service.id, node)
    else homes.set(service.id, '')
  }
  for (const [service, node] of homes) if (node === '') homes.delete(service)
  return homes
}

/** What runs on one of them. */
export function runsOn(name: string, placed: Iterable<Placed>): Running[] {
  const runs: Running[] = []
  for (const { service, instance, node } of placed) {
    if (node !== name) continue
    const { labels: _, mounts: __, published: ___, environment: ____, ...told } = instance
    runs.push({ service, instance: told })
  }
  const key = ({ service, instance }: Running) => `${service.name} ${instance.name}`
  return runs.sort((a, b) => (key(a) < key(b) ? -1 : 1)).slice(0, runsMax)
}
