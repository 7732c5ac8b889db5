import type { FakeTask } from '#orchestrators/mesos/fake-master.ts'
import type { Machine } from './machines.ts'

/** Versions of a Marathon and of the Mesos that it runs on. */
export interface Versions {
  readonly marathon: string
  readonly mesos: string
}

/** How tasks are on the net; `name` is a network of Docker's, whose tasks may have ports of the agent as well. */
export type TaskNetwork =
  | { readonly mode: 'bridge' | 'host' }
  | { readonly mode: 'container'; readonly name: string; readonly isPublished: boolean }

/** Whether its tasks have ports of the agent. */
export const isPublished = ({ network }: App): boolean =>
  network.mode !== 'container' || network.isPublished

export interface Parameter {
  readonly key: string
  readonly value: string
}

/** What a framework means to run. */
export interface App {
  /** Marathon's path of it, `/shop/production/vote`; of another framework the name of its task. */
  readonly id: string
  /** Undefined: Marathon. */
  readonly framework?: string
  readonly image: string
  readonly args: readonly string[]
  readonly network: TaskNetwork
  /** Ports in the container; on the host's network only their number counts, unless those it is. */
  readonly ports: readonly number[]
  /** On the host's network: it has these very ports, as balancers want. */
  readonly requirePorts: boolean
  readonly env: Readonly<Record<string, string>>
  /** `HOST:CONTAINER` folders. */
  readonly volumes: readonly string[]
  /** Options that are handed to Docker as they are. */
  readonly parameters: readonly Parameter[]
  /** Of the definition: an ISO time. */
  readonly version: string
}

/** A task that was launched. */
export interface Task {
  readonly id: string
  /** Mesos' id of the container. */
  readonly containerId: string
  readonly app: App
  readonly agent: Machine
  /** The agent's name in the cluster, and its id. */
  readonly hostname: string
  readonly agentId: string
  /** Ports of the agent, from Mesos' range: one for each of the app's, if those are published. */
  readonly hostPorts: readonly number[]
  readonly stagedMs: number
  startedMs: number
  state: string
  /** As the engine gave it; on the host's network the agent's. */
  ip: string
}

/** Whether a version is at least that old one. */
export function isFrom(version: string, least: string): boolean {
  const [a, b] = [version, least].map(text => text.split('.').map(Number))
  return a[0] !== b[0] ? a[0] > b[0] : a[1] >= b[1]
}

/** Called so from Mesos 0.23 to 1.3 with the agent's id in it, before and after without. */
export function containerName({ mesos }: Versions, task: Task): string {
  const hasAgent = isFrom(mesos, '0.23') && !isFrom(mesos, '1.4')
  return hasAgent ? `mesos-${task.agentId}.${task.containerId}` : `mesos-${task.containerId}`
}

/** Before Mesos had networks by name (1.0) one named them in a parameter, of an app that says it is on a bridge. */
export const namesNetworks = ({ mesos }: Versions): boolean => isFrom(mesos, '1.0')

const frameworkOf = ({ framework = 'marathon' }: App): string => framework

/** A framework's id in the cluster. */
export const frameworkId = (name: string): string => `5b2d3d9e-9c5f-4c3e-8d4e-0a5f1b6c7d8e-${name}`

/** A task as a master knows it. */
export function mesosTask(versions: Versions, task: Task): FakeTask {
  const { id, app, agentId, hostPorts, containerId, state } = task
  return {
    ...{ id, name: mesosName(app), framework: frameworkId(frameworkOf(app)), agent: agentId },
    ...{ state, ports: hostPorts, container: containerInfo(versions, task) },
    ...{ sinceMs: task.startedMs || task.stagedMs },
    ...(isFrom(versions.mesos, '1.2') ? { containerId } : {}),
    ...(state === 'TASK_RUNNING' ? statusAddress(versions, task) : { network: '' }),
    discovery: discovery(versions, task),
  }
}

/** Marathon names a task by its app's path, from its end. */
const mesosName = ({ id, framework }: App): string =>
  framework === undefined ? id.split('/').filter(Boolean).reverse().join('.') : id

/** An old executor says nothing of a network that it does not know: then the agent puts in its own address. */
function statusAddress(versions: Versions, { app: { network }, agent, ip }: Task) {
  const isUnknown = network.mode === 'container' && !namesNetworks(versions)
  return { network: '', ip: network.mode === 'host' || isUnknown ? agent.address : ip }
}

function containerInfo(versions: Versions, { app, hostPorts }: Task): object {
  const { network, image, ports } = app
  const isNamed = network.mode === 'container' && namesNetworks(versions)
  const mappings = hostPorts.map((port, i) => ({
    ...{ host_port: port, container_port: ports[i], protocol: 'tcp' },
  }))
  const mode = isNamed ? 'USER' : network.mode === 'host' ? 'HOST' : 'BRIDGE'
  return {
    type: 'DOCKER',
    docker: {
      ...{ image, network: mode, privileged: false, force_pull_image: false },
      ...(network.mode === 'host' ? {} : { port_mappings: mappings }),
    },
    ...(isNamed ? { network_infos: [{ name: network.name }] } : {}),
  }
}

function discovery(versions: Versions, { app, hostPorts }: Task): object {
  const isNamed = app.network.mode === 'container' && namesNetworks(versions)
  const numbers = isNamed ? app.ports : hostPorts
  const ports = numbers.map(number => ({ number, protocol: 'tcp' }))
  return { visibility: 'FRAMEWORK', name: mesosName(app), ports: { ports } }
}
