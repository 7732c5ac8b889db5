import type { Service, ServiceGroup } from './service.ts'

/**
 * Where a machine is: `production/blue/node-1` is node-1 of the cluster blue of production. A cluster has its path as
 * its name, outermost first; the name is empty where there is one cluster alone.
 */
export interface Place {
  readonly cluster: string
  readonly node: string
}

export function parsePlace(text: string): Place {
  const end = text.lastIndexOf('/')
  return { cluster: text.slice(0, Math.max(0, end)), node: text.slice(end + 1) }
}

export function formatPlace({ cluster, node }: Place): string {
  return cluster === '' ? node : `${cluster}/${node}`
}

/** Who is outside of all clusters is the same for each. */
const outside: ReadonlySet<Service['kind']> = new Set(['internet', 'external'])

/**
 * A service of a named cluster, among those of all: two clusters may each have a `swarm:vote`. Its cluster is the
 * outermost part of its group.
 */
export function serviceIn(cluster: string, service: Service): Service {
  if (cluster === '' || outside.has(service.kind)) return service
  const group = [...cluster.split('/'), ...service.group]
  return { ...service, id: `${service.id}@${cluster}`, group }
}

export function groupIn(cluster: string, group: ServiceGroup): ServiceGroup {
  return cluster === '' ? group : { ...group, service: serviceIn(cluster, group.service) }
}

/** What that cluster itself calls the service; undefined when it is none of its. */
export function idWithin(cluster: string, id: string): string | undefined {
  if (cluster === '') return id
  return id.endsWith(`@${cluster}`) ? id.slice(0, -cluster.length - 1) : undefined
}
