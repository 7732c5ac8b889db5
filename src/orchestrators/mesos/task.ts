import { isLoopback } from '#lib/ip.ts'
import { cut } from '#lib/text.ts'
import type {
  Address,
  Health,
  Instance,
  InstanceState,
  Mount,
  PublishedPort,
  Usage,
} from '#model/service.ts'
import { toldEnvironment } from '../environment.ts'

/** A port of the agent that leads to a port of the task. */
export type TaskPort = Omit<PublishedPort, 'ip'>

/** A task of Mesos, whoever tells of it, its addresses and ports understood. */
export interface Task {
  /** Mesos' own id of it. */
  readonly id: string
  /** `marathon:<task id>`, `mesos:<framework id>:<task id>`. */
  readonly instance: string
  /** The agent's hostname and its id in the cluster. */
  readonly host: string
  readonly agent: string
  /** `TASK_RUNNING`, ... */
  readonly state: string
  readonly health: Health
  readonly sinceMs: number
  readonly restarts: number
  /** Those that are its own: never its agent's, never a bridge's that every agent has. */
  readonly addresses: readonly Address[]
  readonly ports: readonly TaskPort[]
  /** The agent's address, where the task told it. */
  readonly hostIp?: string
  /** Where its control groups are told: `mesos:<id>`, innermost first. */
  readonly containers?: readonly string[]
  readonly image: string
  readonly mounts: readonly Mount[]
  readonly labels: Readonly<Record<string, string>>
  /** Names of what stands in its environment. */
  readonly environment?: readonly string[]
  readonly usage?: Usage
}

/**
 * What Mesos' states mean to us; those not here are over. A task that is being killed runs until it is dead. A lost one
 * is over, though it stays listed for hours beside its replacement: who sees partitions calls it unreachable instead.
 */
const states: ReadonlyMap<string, InstanceState> = new Map([
  ['', 'starting'],
  ['TASK_STAGING', 'starting'],
  ['TASK_STARTING', 'starting'],
  ['TASK_RUNNING', 'running'],
  ['TASK_KILLING', 'running'],
  ['TASK_UNREACHABLE', 'unreachable'],
  ['TASK_UNKNOWN', 'unreachable'],
])

const over: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

/** A state that nobody knew when this was written takes nothing away: its task cannot be asked. */
export function stateOf(state: string): InstanceState {
  return states.get(state) ?? (over.has(state) ? 'exited' : 'unreachable')
}

const addressesMax = 64
const portsMax = 256

/** Addresses of agents, by `agentOf` their tasks. */
export type AgentAddresses = ReadonlyMap<string, string>

/** Which agent a task is on: by id, as several may have one name; by name where no id is told. */
export function agentOf({ agent, host }: Task): string {
  return agent || `name ${host}`
}

/** The addresses of agents that their tasks told; an agent's name tells it too where all agents have their own. */
export function agentAddressesOf(tasks: Iterable<Task>): Map<string, string> {
  const found = new Map<string, string>()
  const shared = new Set<string>()
  for (const task of tasks) {
    const { host, hostIp, state } = task
    if (!hostIp || state !== 'TASK_RUNNING' || isLoopback(hostIp)) continue
    found.set(agentOf(task), hostIp)
    const name = `name ${host}`
    if ((found.get(name) ?? hostIp) !== hostIp) shared.add(name)
    found.set(name, hostIp)
  }
  for (const name of shared) found.delete(name)
  return found
}

/**
 * Addresses that running tasks on different agents claim at the same time: such a network has the same addresses on
 * every agent, and they say nothing of who owns them.
 */
export function disputedOf(tasks: Iterable<Task>): ReadonlySet<string> {
  const owners = new Map<string, string>()
  const disputed = new Set<string>()
  for (const task of tasks) {
    if (task.state !== 'TASK_RUNNING') continue
    const agent = agentOf(task)
    for (const { ip, network } of task.addresses) {
      const key = `${network} ${ip}`
      const owner = owners.get(key)
      if (owner !== undefined && owner !== agent) disputed.add(key)
      owners.set(key, agent)
    }
  }
  return disputed
}

/** What is needed to tell tasks as instances. */
export interface Surroundings {
  readonly agents: AgentAddresses
  readonly disputed: ReadonlySet<string>
  /** Instances as last told, by id. */
  readonly before: ReadonlyMap<string, Instance>
}

/**
 * A task as an instance; undefined when it is over. Where the agent's address is not known its ports are those of whoever
 * has its name. Of an unreachable task little is listed: it is as it was.
 */
export function instanceOf(task: Task, around: Surroundings): Instance | undefined {
  const state = stateOf(task.state)
  if (state === 'exited') return undefined
  const before = around.before.get(task.instance)
  if (state === 'unreachable' && before) return { ...before, state, health: 'unknown' }
  const ip = around.agents.get(agentOf(task)) ?? around.agents.get(`name ${task.host}`)
  const addresses = task.addresses.filter(
    address => address.ip !== ip && !around.disputed.has(`${address.network} ${address.ip}`),
  )
  return {
    id: task.instance,
    name: cut(task.id, 128),
    task: task.id,
    ...(task.host === '' ? {} : { node: task.host }),
    ...(task.containers?.length ? { containers: task.containers } : {}),
    state,
    health: task.health,
    restarts: task.restarts,
    sinceMs: task.sinceMs || (before?.sinceMs ?? 0),
    ...(task.image === '' ? {} : { image: task.image }),
    addresses: addresses.slice(0, addressesMax),
    published: task.host === '' ? [] : publishedOf(task, ip ?? '0.0.0.0'),
    mounts: task.mounts.slice(0, 64),
    labels: task.labels,
    ...toldEnvironment(task.environment ?? []),
    ...(task.usage ? { usage: task.usage } : {}),
  }
}

function publishedOf({ ports }: Task, ip: string): PublishedPort[] {
  return ports.slice(0, portsMax).map(port => ({ ip, ...port }))
}
