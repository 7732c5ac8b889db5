import { isLoopback } from '#lib/ip.ts'
import { type JsonRecord, numberOf, recordOf, recordsOf, textOf } from '#lib/json.ts'
import type { Address, Health, Mount } from '#model/service.ts'
import { addressOf } from '../addresses.ts'
import { environmentOf } from '../environment.ts'
import { labelsOf } from '../labels.ts'
import type { Task } from '../mesos/task.ts'
import { type AppNetwork, networkOf, portsOf } from './network.ts'
import { pathOf, taskNameOf } from './service.ts'

/** An app or a pod: what Marathon means to run, and the tasks it runs for it. */
export interface Workload {
  readonly path: string
  readonly kind: 'app' | 'pod'
  /** Tasks it is meant to have. */
  readonly desired: number
  /** Of the definition; its tasks tell which they were started from. */
  readonly version: string
  readonly tasks: readonly Task[]
  /** For each task, the version it was started from. */
  readonly versions: readonly string[]
}

/** A workload's tasks that are read. */
const tasksOfOneMax = 10_000

/** An app with its tasks (`embed=apps.tasks`); undefined when it has no id. */
export function readApp(answer: unknown): Workload | undefined {
  const app = recordOf(answer)
  const path = pathOf(textOf(app.id, 1024))
  if (path === undefined) return undefined
  const tasks = recordsOf(app.tasks)
    .filter(task => textOf(task.id) !== '')
    .slice(0, tasksOfOneMax)
  const shared = sharedOf(app)
  return {
    path,
    kind: 'app',
    desired: Math.max(0, numberOf(app.instances) ?? 0),
    version: textOf(app.version),
    tasks: tasks.map(task => readTask(task, shared)),
    versions: tasks.map(task => textOf(task.version)),
  }
}

interface Shared {
  readonly network: AppNetwork
  readonly image: string
  readonly mounts: readonly Mount[]
  readonly labels: Readonly<Record<string, string>>
  readonly environment: readonly string[]
}

function sharedOf(app: JsonRecord): Shared {
  const container = recordOf(app.container)
  return {
    network: networkOf(app),
    image: textOf(recordOf(container.docker).image, 256),
    mounts: mountsOf(container.volumes),
    labels: textLabels(app.labels),
    environment: environmentOf(recordOf(app.env)),
  }
}

/** One task of an app. */
function readTask(task: JsonRecord, { network, ...shared }: Shared): Task {
  const id = textOf(task.id)
  const told = recordsOf(task.ipAddresses)
    .map(each => addressOf(textOf(each.ipAddress)))
    .filter(ip => ip !== undefined)
  return {
    id,
    instance: `marathon:${id}`,
    host: textOf(task.host, 256),
    agent: textOf(task.slaveId),
    state: textOf(task.state) || (task.startedAt ? 'TASK_RUNNING' : 'TASK_STAGING'),
    health: healthOf(recordsOf(task.healthCheckResults)),
    sinceMs: timeOf(task.startedAt) || timeOf(task.stagedAt),
    restarts: taskNameOf(id)?.restarts ?? 0,
    addresses: network.mode === 'container' ? ownAddresses(told, network.names) : [],
    ports: portsOf(network, task.ports),
    ...hostIpOf(network.mode === 'host' ? told[0] : undefined, task.host),
    ...shared,
  }
}

/** An agent's address: what a task on its network has, or the agent's name where that is an address. */
export function hostIpOf(told: string | undefined, host: unknown): { hostIp?: string } {
  const hostIp = told !== undefined && !isLoopback(told) ? told : addressOf(textOf(host))
  return hostIp === undefined ? {} : { hostIp }
}

/** One address a network, in order of joining; where their numbers differ all are the first one's. */
export function ownAddresses(ips: readonly string[], names: readonly string[]): Address[] {
  return ips.map((ip, i) => {
    const name = (ips.length === names.length ? names[i] : names[0]) ?? 'default'
    return { ip, network: name, networkName: name }
  })
}

/** Not told is not known: results come with the first check, and none while a task has its grace. */
function healthOf(results: readonly JsonRecord[]): Health {
  if (results.some(result => result.alive === false)) return 'unhealthy'
  return results.length > 0 && results.every(result => result.alive === true)
    ? 'healthy'
    : 'unknown'
}

/** 0 when there is none. */
export function timeOf(text: unknown): number {
  return Math.max(0, Date.parse(textOf(text)) || 0)
}

function mountsOf(volumes: unknown): Mount[] {
  return recordsOf(volumes).map(volume => ({
    source: textOf(volume.hostPath, 256) || textOf(recordOf(volume.external).name, 256),
    target: textOf(volume.containerPath, 256),
    writable: textOf(volume.mode) !== 'RO',
  }))
}

/** Labels that are text; none that smells of a secret. */
export function textLabels(labels: unknown): Record<string, string> {
  const texts = Object.entries(recordOf(labels)).filter(([, value]) => typeof value === 'string')
  return labelsOf(Object.fromEntries(texts) as Record<string, string>).labels
}
