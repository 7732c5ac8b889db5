import type { Running } from '#model/node.ts'
import type { Health, Service, Usage } from '#model/service.ts'

/** What some instances take together; absent where none of them is measured. */
export type Load = Pick<Usage, 'cpus' | 'memoryBytes'>

/** A service, as far as it runs on one node. */
export interface ServiceOnNode {
  readonly service: Service
  readonly count: number
  /** The worst of its instances there. */
  readonly health: Health
  readonly load: Load
}

export function loadOf(runs: readonly Running[]): Load {
  const sum = (pick: (usage: Usage) => number | undefined) => {
    const known = runs.flatMap(({ instance: { usage } }) => (usage ? (pick(usage) ?? []) : []))
    return known.length > 0 ? known.reduce((all, each) => all + each, 0) : undefined
  }
  return { cpus: sum(({ cpus }) => cpus), memoryBytes: sum(({ memoryBytes }) => memoryBytes) }
}

const worstFirst: readonly Health[] = ['unhealthy', 'starting', 'healthy', 'unknown']

/** Instances by their service: those in trouble first, then by what they take. */
export function servicesOn(runs: readonly Running[]): ServiceOnNode[] {
  const groups = [...Map.groupBy(runs, ({ service }) => service.id).values()]
  const services = groups.map(
    (members): ServiceOnNode => ({
      service: members[0].service,
      count: members.length,
      health: worstFirst.find(health => members.some(member => healthOf(member) === health))!,
      load: loadOf(members),
    }),
  )
  return services.sort(
    (a, b) =>
      Number(b.health === 'unhealthy') - Number(a.health === 'unhealthy') ||
      (b.load.memoryBytes ?? 0) - (a.load.memoryBytes ?? 0) ||
      a.service.name.localeCompare(b.service.name, 'en'),
  )
}

const healthOf = ({ instance: { state, health } }: Running): Health =>
  state === 'running' ? health : 'starting'
