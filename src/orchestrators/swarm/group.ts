import type { PublishedPort, ServiceGroup, VirtualAddress } from '#model/service.ts'
import { swarmService } from '../docker/service.ts'
import { doingOf } from './doing.ts'
import {
  bounded,
  type Cuts,
  instanceOf,
  isAlive,
  publishedPort,
  withoutPrefix,
} from './instance.ts'
import type { Machine } from './node.ts'
import type { SwarmService, SwarmTask } from './shape.ts'

const virtualMax = 64
const nodePortsMax = 1024
/** Tasks of one service; a larger one is told in part. */
const tasksMax = 8192

/** What must be known to tell of a service. */
export interface Surroundings {
  readonly machines: ReadonlyMap<string, Machine>
  /** Names of networks, by id. */
  readonly networks: ReadonlyMap<string, string>
  /** The network of the routing mesh; its virtual addresses take published ports. */
  readonly ingress: string | undefined
  readonly cuts: Cuts
}

/** A service and its tasks, as a group. */
export function groupOf(
  service: SwarmService,
  tasks: readonly SwarmTask[],
  around: Surroundings,
): ServiceGroup {
  const { machines, cuts } = around
  const alive = bounded(tasks.filter(isAlive), tasksMax, cuts, 'tasks')
  const instances = alive.map(task => instanceOf(task, service, machines.get(task.NodeID), cuts))
  instances.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id))
  const nodePorts = bounded(nodePortsOf(service), nodePortsMax, cuts, 'ports')
  const virtual = bounded(virtualOf(service, nodePorts, around), virtualMax, cuts, 'addresses')
  const doing = doingOf(service, tasks)
  return {
    service: swarmService(service.Spec.Name, service.Spec.Labels['com.docker.stack.namespace']),
    instances,
    ...(virtual.length > 0 ? { virtual } : {}),
    ...(nodePorts.length > 0 ? { nodePorts } : {}),
    desired: desiredOf(service, tasks),
    ...(doing === undefined ? {} : { doing }),
  }
}

/** How many tasks it is meant to run at present; a job's that are done are not. */
export function desiredOf(
  { Spec, ServiceStatus }: SwarmService,
  tasks: readonly SwarmTask[],
): number {
  const { Replicated } = Spec.Mode
  if (Replicated) return Math.max(0, Math.floor(Replicated.Replicas))
  if (ServiceStatus) {
    const { DesiredTasks, CompletedTasks } = ServiceStatus
    return Math.max(0, DesiredTasks - (isJob(Spec.Mode) ? CompletedTasks : 0))
  }
  return tasks.filter(task => isAlive(task) && task.DesiredState !== 'shutdown').length
}

export function isJob({ ReplicatedJob, GlobalJob }: SwarmService['Spec']['Mode']): boolean {
  return ReplicatedJob !== undefined || GlobalJob !== undefined
}

/** Ports of every node, through the routing mesh. */
function nodePortsOf({ Endpoint }: SwarmService): PublishedPort[] {
  return Endpoint.Ports.filter(({ PublishMode }) => PublishMode !== 'host').flatMap(
    port => publishedPort(port, '0.0.0.0') ?? [],
  )
}

function virtualOf(
  { Endpoint }: SwarmService,
  nodePorts: readonly PublishedPort[],
  { networks, ingress }: Surroundings,
): VirtualAddress[] {
  return Endpoint.VirtualIPs.filter(({ Addr }) => Addr !== '').map(({ NetworkID, Addr }) => {
    const name = networks.get(NetworkID)
    const ports = nodePorts.map(({ port, targetPort, transport }) => ({
      ...{ port, targetPort, transport },
    }))
    return {
      ip: withoutPrefix(Addr),
      network: NetworkID,
      ...(name === undefined ? {} : { networkName: name }),
      ...(NetworkID === ingress ? { ports } : {}),
    }
  })
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
