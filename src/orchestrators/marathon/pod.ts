import { type JsonRecord, numberOf, portOf, recordOf, recordsOf, textOf } from '#lib/json.ts'
import type { Health } from '#model/service.ts'
import { addressOf } from '../addresses.ts'
import { environmentOf } from '../environment.ts'
import type { Task, TaskPort } from '../mesos/task.ts'
import { hostIpOf, ownAddresses, textLabels, timeOf, type Workload } from './app.ts'
import { networkOf, transportsOf } from './network.ts'
import { pathOf, taskNameOf } from './service.ts'

const instancesMax = 10_000

/** A pod as its `::status` tells it: each container of each of its instances is a task; undefined when it has no id. */
export function readPod(answer: unknown): Workload | undefined {
  const pod = recordOf(answer)
  const path = pathOf(textOf(pod.id, 1024))
  if (path === undefined) return undefined
  const spec = recordOf(pod.spec)
  const instances = recordsOf(pod.instances).slice(0, instancesMax)
  const containers = recordsOf(spec.containers)
  const tasks = instances.flatMap(instance => tasksOf(instance, spec, containers))
  const scale = numberOf(recordOf(spec.scaling).instances) ?? 0
  return {
    path,
    kind: 'pod',
    desired: Math.max(0, scale) * Math.max(1, containers.length),
    version: textOf(spec.version),
    tasks: tasks.map(({ task }) => task),
    versions: tasks.map(({ version }) => version),
  }
}

interface VersionedTask {
  readonly task: Task
  readonly version: string
}

function tasksOf(
  instance: JsonRecord,
  spec: JsonRecord,
  definitions: readonly JsonRecord[],
): VersionedTask[] {
  const { mode } = networkOf(spec)
  const networks = recordsOf(instance.networks)
  const version = textOf(instance.specReference).split('::versions/')[1] ?? ''
  const addresses = networks.flatMap(network => {
    const ips = ipsOf(network.addresses)
    return ownAddresses(ips, [textOf(network.name) || 'default'])
  })
  const host = textOf(instance.agentHostname, 256)
  return recordsOf(instance.containers).flatMap(container => {
    const id = textOf(container.containerId)
    if (id === '') return []
    const definition = definitions.find(each => each.name === container.name) ?? {}
    const task: Task = {
      id,
      instance: `marathon:${id}`,
      host,
      agent: textOf(instance.agentId),
      state: textOf(container.status),
      health: healthOf(recordsOf(container.endpoints), textOf(instance.status)),
      sinceMs: timeOf(container.statusSince),
      restarts: taskNameOf(id)?.restarts ?? 0,
      addresses: mode === 'container' ? addresses : [],
      ports: portsOf(recordsOf(container.endpoints), recordsOf(definition.endpoints)),
      ...hostIpOf(mode === 'host' ? addresses[0]?.ip : undefined, host),
      image: textOf(recordOf(definition.image).id, 256),
      mounts: [],
      labels: textLabels(spec.labels),
      environment: environmentOf({
        ...recordOf(spec.environment),
        ...recordOf(definition.environment),
      }),
    }
    return [{ task, version }]
  })
}

function ipsOf(addresses: unknown): string[] {
  const texts = Array.isArray(addresses) ? addresses : []
  return texts.map(text => addressOf(textOf(text))).filter(ip => ip !== undefined)
}

/** What an instance's endpoints say, and, where they say nothing, that it is degraded. */
function healthOf(endpoints: readonly JsonRecord[], status: string): Health {
  const told = endpoints.map(endpoint => endpoint.healthy).filter(each => each !== undefined)
  if (told.includes(false) || (told.length === 0 && status === 'DEGRADED')) return 'unhealthy'
  return told.length > 0 && told.every(each => each === true) ? 'healthy' : 'unknown'
}

/** Ports of the agent by endpoint; the definition of the same name tells where each leads. */
function portsOf(endpoints: readonly JsonRecord[], definitions: readonly JsonRecord[]): TaskPort[] {
  return endpoints.flatMap(endpoint => {
    const port = portOf(endpoint.allocatedHostPort)
    if (port === undefined) return []
    const definition = definitions.find(each => each.name === endpoint.name) ?? {}
    const targetPort = portOf(definition.containerPort) ?? port
    return transportsOf(definition.protocol ?? 'tcp').map(transport => ({
      port,
      targetPort,
      transport,
    }))
  })
}
