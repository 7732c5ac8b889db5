import type { InstanceFlow } from '#model/instance-flow.ts'
import type { DemoCluster } from './cluster.ts'
import { type DemoService, instancesOf } from './shop.ts'

const windowMs = 5000

/** `GET /api/v1/services/:id/flows`: the links' figures, shared out to the instances; the first has the errors. */
export function flowsOf(cluster: DemoCluster, id: string, nowMs: number) {
  const service = cluster.services.find(each => each.id === id)
  if (!service) return undefined
  const flows = cluster.links.flatMap(({ id: link, client, server }) => {
    const figures = client === id || server === id ? cluster.link(link) : undefined
    if (!figures) return []
    return sharesOf(service, cluster.startMs).map(
      ({ instance, share, hasErrors }): InstanceFlow => {
        const rate = figures.requestsPerSecond * share
        const errors = hasErrors ? figures.requestsPerSecond * figures.errorShare : 0
        const warnings = rate * figures.warningShare
        const own = { service: id, instance }
        const count = (perSecond: number) => Math.round((perSecond * windowMs) / 1000)
        return {
          ...{ link, protocol: figures.link.protocol },
          client: client === id ? own : { service: client },
          server: server === id ? own : { service: server },
          counts: {
            ok: count(rate - Math.min(rate, errors + warnings)),
            warning: count(warnings),
            error: count(errors),
          },
          requestsPerSecond: rate,
          errorShare: rate > 0 ? Math.min(1, errors / rate) : 0,
          warningShare: figures.warningShare,
          bytesPerSecond: figures.bytesPerSecond * share,
          p50Us: figures.p50Us * (hasErrors ? 2.4 : 1),
          p99Us: figures.p99Us,
        }
      },
    )
  })
  return { atMs: nowMs, windowMs, flows }
}

/** The first does half as much again as the others. */
function sharesOf(service: DemoService, startMs: number) {
  const instances = instancesOf(service, startMs)
  const all = instances.length + 0.5
  return instances.map(({ id }, i) => ({
    instance: id,
    share: (i === 0 ? 1.5 : 1) / all,
    hasErrors: i === 0,
  }))
}
