import { parsePlace, serviceIn } from '#model/place.ts'
import { hostService } from '#model/service.ts'
import type { GroupsMessage } from '#wire/agent.ts'
import type { LiveService } from '#wire/live.ts'

export type Watched = Pick<LiveService, 'watched' | 'away'>

/** Nodes named for one service. */
const namedMax = 3
const wholly: Watched = { watched: 'wholly', away: [] }

/** Which nodes told of which services: what is no longer seen when an agent is away. */
export class Watch {
  readonly #told = new Map<string, Map<string, Set<string>>>()

  hear(node: string, { orchestrator, isAll, groups }: GroupsMessage): void {
    const { cluster } = parsePlace(node)
    const tellers = this.#told.get(node) ?? new Map<string, Set<string>>()
    const before = tellers.get(orchestrator)
    const services = before && !isAll ? before : new Set<string>()
    for (const { service, instances } of groups) {
      const { id } = serviceIn(cluster, service)
      if (instances.length > 0) services.add(id)
      else services.delete(id)
    }
    tellers.set(orchestrator, services)
    this.#told.set(node, tellers)
    if ([...tellers.values()].every(({ size }) => size === 0)) this.#told.delete(node)
  }

  /** How a service is seen while these nodes do not report. Services of which no node told are seen by their callers. */
  without(away: ReadonlySet<string>): (service: string) => Watched {
    if (away.size === 0) return () => wholly
    const unseen = new Map<string, string[]>()
    for (const node of away) {
      for (const service of this.#of(node)) {
        const nodes = unseen.get(service)
        if (nodes) nodes.push(node)
        else unseen.set(service, [node])
      }
    }
    const seen = new Set<string>()
    for (const node of this.#told.keys()) {
      if (away.has(node)) continue
      for (const service of this.#of(node)) if (unseen.has(service)) seen.add(service)
    }
    return service => {
      const nodes = unseen.get(service)
      if (!nodes) return wholly
      return { watched: seen.has(service) ? 'partly' : 'no', away: nodes.slice(0, namedMax) }
    }
  }

  *#of(place: string): Generator<string> {
    const { cluster, node } = parsePlace(place)
    yield serviceIn(cluster, hostService(node)).id
    for (const services of this.#told.get(place)?.values() ?? []) yield* services
  }
}
