import {
  type App,
  isFrom,
  isPublished,
  namesNetworks,
  type Parameter,
  type Task,
  type Versions,
} from './mesos-words.ts'

/** An app with its tasks, as `/v2/apps?embed=apps.tasks` of that Marathon has it. */
export function appJson(versions: Versions, app: App, tasks: readonly Task[]): object {
  const running = tasks.filter(({ state }) => state === 'TASK_RUNNING').length
  return {
    ...{ id: app.id, cmd: null, args: app.args, env: app.env, instances: tasks.length },
    ...{ cpus: 0.1, mem: 128, disk: 0, labels: {}, healthChecks: [], constraints: [] },
    ...(isFrom(versions.marathon, '1.5') ? newNetwork(app) : oldNetwork(versions, app)),
    ...{ version: app.version, versionInfo: { lastConfigChangeAt: app.version } },
    ...{ tasksStaged: tasks.length - running, tasksRunning: running, tasksHealthy: 0 },
    ...{ tasksUnhealthy: 0, deployments: [] },
    tasks: tasks.map(task => taskJson(versions, task)),
  }
}

/** From 1.5 on: `networks`, and the mappings beside the image. */
function newNetwork(app: App): object {
  const { network, image, ports, volumes, requirePorts } = app
  const mappings = ports.map((containerPort, i) => ({
    ...{ containerPort, ...hostPort(app), labels: {}, protocol: 'tcp', servicePort: 10_000 + i },
  }))
  const network15 = {
    host: { mode: 'host' },
    bridge: { mode: 'container/bridge' },
    container: { mode: 'container', ...('name' in network ? { name: network.name } : {}) },
  }[network.mode]
  const isHost = network.mode === 'host'
  return {
    networks: [network15],
    container: {
      ...{ type: 'DOCKER', docker: { image, parameters: app.parameters, privileged: false } },
      ...{ volumes: volumes.map(volumeJson), ...(isHost ? {} : { portMappings: mappings }) },
    },
    ...(isHost ? { portDefinitions: definitions(servicePorts(app)), requirePorts } : {}),
  }
}

/** 0: any that is free. */
const hostPort = (app: App): object => (isPublished(app) ? { hostPort: 0 } : {})

/** Up to 1.4: Docker's network and `ipAddress`; what is not set is null. */
function oldNetwork(versions: Versions, app: App): object {
  const { network, image, ports, volumes, requirePorts } = app
  const hasDefinitions = isFrom(versions.marathon, '1.1')
  const isNamed = network.mode === 'container' && namesNetworks(versions)
  const mappings = ports.map((containerPort, i) => ({
    ...{ containerPort, ...hostPort(app), servicePort: 10_000 + i, protocol: 'tcp' },
    ...(hasDefinitions ? { labels: {} } : {}),
  }))
  const docker = {
    ...{ image, privileged: false, forcePullImage: false, parameters: parameters(versions, app) },
    network: isNamed ? 'USER' : network.mode === 'host' ? 'HOST' : 'BRIDGE',
    portMappings: network.mode === 'host' ? null : mappings,
  }
  const discovered = { ports: ports.map(number => ({ number, name: 'web', protocol: 'tcp' })) }
  const ipAddress = isNamed
    ? { groups: [], labels: {}, discovery: discovered, networkName: network.name }
    : null
  const service = servicePorts(app)
  return {
    ...{ container: { type: 'DOCKER', volumes: volumes.map(volumeJson), docker } },
    ...(isFrom(versions.marathon, '0.15') ? { ipAddress } : {}),
    ...(isNamed ? {} : { ports: service, requirePorts }),
    ...(hasDefinitions && !isNamed ? { portDefinitions: definitions(service) } : {}),
    ...{ uris: [], dependencies: [], acceptedResourceRoles: null, user: null },
  }
}

/** What is handed to Docker as it is: before networks had names, also the network. */
export function parameters(versions: Versions, { network, parameters: own }: App): Parameter[] {
  const isHanded = network.mode === 'container' && !namesNetworks(versions)
  return isHanded ? [...own, { key: 'net', value: network.name }] : [...own]
}

/** For balancers, unless they are the task's own. */
const servicePorts = ({ ports, requirePorts }: App): readonly number[] =>
  requirePorts ? ports : ports.map((_, i) => 10_000 + i)

const definitions = (ports: readonly number[]): object[] =>
  ports.map(port => ({ port, protocol: 'tcp', labels: {} }))

const volumeJson = (volume: string): object => {
  const [hostPath, containerPath] = volume.split(':')
  return { hostPath, containerPath, mode: 'RW' }
}

/** A task of an app: before 1.1 without a state, before 0.14 without addresses. */
export function taskJson({ marathon, mesos }: Versions, task: Task): object {
  const { id, app, hostname, agentId, hostPorts, state, stagedMs, startedMs } = task
  const isActive = state === 'TASK_RUNNING' || state === 'TASK_STAGING'
  const times = {
    stagedAt: iso(stagedMs),
    startedAt: startedMs === 0 ? null : iso(startedMs),
    ...{ ports: hostPorts, version: app.version },
  }
  return {
    ...{ id, appId: app.id, host: hostname, slaveId: agentId },
    ...(isActive || !isFrom(marathon, '1.4') ? times : {}),
    ...(isFrom(marathon, '1.1') ? { state } : {}),
    ...(isFrom(marathon, '0.14') ? { ipAddresses: addresses({ marathon, mesos }, task) } : {}),
    ...(isFrom(marathon, '1.5') ? { servicePorts: servicePorts(app) } : {}),
    ...(isFrom(marathon, '1.9') ? { role: '*' } : {}),
  }
}

/** On the host's network the agent's address, on a bridge the bridge's, which every agent may have. */
function addresses(versions: Versions, { app, agent, ip, state }: Task): object[] {
  if (state !== 'TASK_RUNNING') return []
  const isToldAgents = app.network.mode === 'container' && !namesNetworks(versions)
  const ipAddress = app.network.mode === 'host' || isToldAgents ? agent.address : ip
  return [{ ipAddress, protocol: 'IPv4' }]
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** The id of a task: from 1.8 on that of its instance, which outlives it. */
export function taskId({ marathon }: Versions, path: string, uuid: string): string {
  const safe = path.slice(1).replaceAll('/', '_')
  return isFrom(marathon, '1.8') ? `${safe}.instance-${uuid}._app.1` : `${safe}.${uuid}`
}

/** What Marathon puts into a task's environment; the app's own comes last. */
export function environment({ marathon }: Versions, task: Task): Record<string, string> {
  const { id, app, hostname, hostPorts } = task
  const inner = app.network.mode === 'host' ? hostPorts : app.ports
  const outer = hostPorts.length > 0 ? hostPorts : inner
  const numbered = outer.map((port, i) => [`PORT${i}`, String(port)])
  const named = inner.map((port, i) => [`PORT_${port}`, String(outer[i])])
  return {
    ...{ MESOS_TASK_ID: id, MARATHON_APP_ID: app.id, MARATHON_APP_VERSION: app.version },
    ...{ MARATHON_APP_DOCKER_IMAGE: app.image, HOST: hostname, PORTS: outer.join(',') },
    ...(outer.length > 0 ? { PORT: String(outer[0]) } : {}),
    ...Object.fromEntries([...numbered, ...named]),
    ...(isFrom(marathon, '1.1') ? { MARATHON_APP_LABELS: '' } : {}),
    ...(isFrom(marathon, '1.3') ? { MARATHON_APP_RESOURCE_CPUS: '0.1' } : {}),
    ...(isFrom(marathon, '1.9') ? { MARATHON_APP_ENFORCE_GROUP_ROLE: 'false' } : {}),
    ...app.env,
  }
}

/** Docker's labels on a task's container: none before 1.4. */
export const dockerLabels = ({ marathon }: Versions, { id }: Task): Record<string, string> =>
  isFrom(marathon, '1.4') ? { MESOS_TASK_ID: id } : {}

/** An event of the stream, by its type. */
export interface MarathonEvent {
  readonly type: string
  readonly data: object
}

/** What the stream says when a task changed: from 1.4 on twice. */
export function taskEvents(versions: Versions, task: Task): MarathonEvent[] {
  const { marathon } = versions
  const { id, app, hostname, agentId, hostPorts, state } = task
  const instance = /\.instance-[^.]+/.test(id) ? id.replace(/\._app\.\d+$/, '') : marathonId(id)
  const status = {
    ...{ slaveId: agentId, taskId: id, taskStatus: state, message: '', appId: app.id },
    ...{ host: hostname, ports: hostPorts, version: app.version },
    ...(isFrom(marathon, '0.15') ? { ipAddresses: addresses(versions, task) } : {}),
  }
  const changed = {
    ...{ instanceId: instance, condition: conditions.get(state) ?? 'Unknown', runSpecId: app.id },
    ...{ agentId, host: hostname, runSpecVersion: app.version },
  }
  const told = [eventOf('status_update_event', status)]
  return isFrom(marathon, '1.4') ? [...told, eventOf('instance_changed_event', changed)] : told
}

const conditions: ReadonlyMap<string, string> = new Map([
  ['TASK_STAGING', 'Staging'],
  ['TASK_RUNNING', 'Running'],
  ['TASK_KILLING', 'Killing'],
  ['TASK_KILLED', 'Killed'],
  ['TASK_FINISHED', 'Finished'],
])

/** From 1.4 to 1.7 an instance is called as its task, in a grammar of its own. */
const marathonId = (id: string): string => id.replace(/\.([^.]+)$/, '.marathon-$1')

/** What Marathon does with an app: `ScaleApplication`, `RestartApplication`. */
export interface Deployment {
  readonly id: string
  readonly app: string
  readonly action: string
  readonly version: string
}

/** A deployment as `/v2/deployments` has it. */
export function deploymentJson(versions: Versions, deployment: Deployment): object {
  const { id, app, version } = deployment
  const current = stepOf(versions, deployment)
  return {
    ...{ id, version, affectedApps: [app], currentStep: 1, totalSteps: 1 },
    ...(isFrom(versions.marathon, '1.4') ? { affectedPods: [] } : {}),
    ...{ steps: [hasOldSteps(versions) ? current : { actions: current }], currentActions: current },
  }
}

const stepOf = (_: Versions, { app, action }: Deployment): object[] => [{ action, app }]

/** Until 1.1.1 a step is the list of its actions. */
const hasOldSteps = ({ marathon }: Versions): boolean => !isFrom(marathon, '1.2')

/** What the stream says of a deployment: its beginning, or its end. */
export function deploymentEvent(
  versions: Versions,
  deployment: Deployment,
  which: 'deployment_info' | 'deployment_success',
): MarathonEvent {
  const { id, app, version, action } = deployment
  const key = hasOldSteps(versions) ? 'type' : 'action'
  const step = { actions: [{ [key]: action, app }] }
  const plan = { id, version, steps: [step] }
  const group = { id: '/', apps: [], groups: [], dependencies: [], version }
  // The whole tree, twice, stood in it until 1.6.
  const heavy = isFrom(versions.marathon, '1.7') ? {} : { original: group, target: group }
  if (which === 'deployment_info') {
    return eventOf(which, { plan: { ...plan, ...heavy }, currentStep: step })
  }
  return eventOf(which, { id, plan: { ...plan, ...heavy } })
}

const eventOf = (type: string, data: object): MarathonEvent => ({
  type,
  data: { ...data, eventType: type, timestamp: new Date().toISOString() },
})
