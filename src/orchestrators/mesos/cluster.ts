import { isLoopback } from '#lib/ip.ts'
import { type JsonRecord, recordOf, textOf } from '#lib/json.ts'
import type { Instance, Service, ServiceGroup, Usage } from '#model/service.ts'
import { marathonService, taskNameOf } from '../marathon/service.ts'
import {
  containersOf,
  healthOf,
  idOf,
  imageOf,
  type ListedTask,
  ownAddressesOf,
  portsOf,
  readTask,
  sinceOf,
  updated,
} from './listed.ts'
import { executorKey } from './measuring.ts'
import { type Agent, type Framework, type MasterState, readAgent, readFramework } from './state.ts'
import { disputedOf, instanceOf, stateOf, type Task } from './task.ts'

/** Tasks beyond these are not shown. */
const tasksMax = 50_000
/** Agents and frameworks beyond these are not remembered. */
const namedMax = 50_000
/**
 * A task that is no longer listed, on an agent that is not listed either, is remembered so long: a master that was just
 * elected has no agents until they come back, for which they have 10 minutes.
 */
const keptMs = 15 * 60_000

export interface ClusterCounters {
  cutTasks: number
  /** Events that were none of those we know, or about nobody. */
  strangeEvents: number
}

interface Known {
  readonly task: ListedTask
  /** Since when it is listed no more, though nobody says that it is over. */
  missingMs: number
}

/** What the tasks of one cluster are told as. */
export interface ClusterOptions {
  /** Marathon is asked itself: its tasks are its own to tell. */
  readonly isMarathonWatched: boolean
  readonly now: () => number
}

/** The tasks of a cluster as its master tells them. */
export class MesosCluster {
  readonly counters: ClusterCounters = { cutTasks: 0, strangeEvents: 0 }
  readonly #options: ClusterOptions
  readonly #agents = new Map<string, Agent>()
  readonly #frameworks = new Map<string, Framework>()
  readonly #tasks = new Map<string, Known>()
  /** Frameworks of tasks that were added since the whole was told, and whose names are not known yet. */
  readonly #newFrameworks = new Set<string>()
  /** What executors take, by agent. */
  readonly #usages = new Map<string, ReadonlyMap<string, Usage>>()
  #before: ReadonlyMap<string, Instance> = new Map()

  constructor(options: ClusterOptions) {
    this.#options = options
  }

  /**
   * The whole picture. A task that it does not list is over only if it lists the task's agent: on doubt it stays, for
   * `keptMs`.
   */
  replace({ agents, frameworks, tasks }: MasterState): void {
    const listed = new Set(agents.map(agent => agent.id))
    const told = new Set(tasks.map(keyOf))
    const nowMs = this.#options.now()
    for (const [key, known] of this.#tasks) {
      if (told.has(key)) continue
      if (listed.has(known.task.agent)) this.#tasks.delete(key)
      else known.missingMs = Math.min(known.missingMs, nowMs)
    }
    this.#forget()
    for (const id of this.#usages.keys()) if (!this.#agents.has(id)) this.#usages.delete(id)
    for (const agent of agents) put(this.#agents, agent.id, agent)
    for (const framework of frameworks) put(this.#frameworks, framework.id, framework)
    this.#newFrameworks.clear()
    for (const task of tasks) this.#put(task)
  }

  /**
   * One event of a subscription; answers when the whole picture should be asked for again. What an agent runs that came
   * back is not told task by task; before 1.4 new frameworks are not told.
   */
  apply(event: JsonRecord): 'at once' | 'when settled' | undefined {
    const { type } = event
    if (type === 'TASK_ADDED') {
      return this.#add(recordOf(recordOf(event.task_added).task)) ? undefined : 'at once'
    }
    if (type === 'TASK_UPDATED') this.#update(recordOf(event.task_updated))
    else if (type === 'AGENT_ADDED') {
      const agent = readAgent(recordOf(recordOf(event.agent_added).agent))
      put(this.#agents, agent.id, agent)
    } else if (type === 'FRAMEWORK_ADDED' || type === 'FRAMEWORK_UPDATED') {
      const { framework } = recordOf(event.framework_added ?? event.framework_updated)
      const found = readFramework(recordOf(framework))
      put(this.#frameworks, found.id, found)
      this.#newFrameworks.delete(found.id)
    } else if (type === 'FRAMEWORK_REMOVED') {
      this.#dropFramework(readFramework(recordOf(event.framework_removed)).id)
    } else if (type !== 'HEARTBEAT' && type !== 'AGENT_REMOVED') this.counters.strangeEvents++
    return type === 'AGENT_ADDED' || type === 'AGENT_REMOVED' ? 'when settled' : undefined
  }

  /** Agents that run tasks which are told. */
  busyAgents(): Agent[] {
    const ids = new Set(this.#toldTasks().map(({ task }) => task.agent))
    return [...ids].flatMap(id => this.#agents.get(id) ?? [])
  }

  /** What all executors of an agent take, by `executorKey`. */
  measured(agent: string, usages: ReadonlyMap<string, Usage>): void {
    if (usages.size > 0) this.#usages.set(agent, usages)
    else this.#usages.delete(agent)
  }

  /** All services, of all frameworks. */
  groups(): ServiceGroup[] {
    this.#prune()
    const told = this.#toldTasks()
    const sharers = new Map<string, number>()
    for (const { task } of told)
      sharers.set(executorOf(task), (sharers.get(executorOf(task)) ?? 0) + 1)
    const tasks = told.map(({ task, isMarathons }) =>
      this.#taskOf(task, isMarathons, sharers.get(executorOf(task)) === 1),
    )
    const disputed = disputedOf(tasks.map(({ task }) => task))
    const agents = new Map<string, string>()
    for (const { id, ip } of this.#agents.values())
      if (ip !== undefined && !isLoopback(ip)) agents.set(id, ip)
    const around = { agents, disputed, before: this.#before }
    const groups = new Map<string, { service: Service; instances: Instance[] }>()
    for (const { task, service } of tasks) {
      const instance = instanceOf(task, around)
      if (instance === undefined) continue
      const group = groups.get(service.id) ?? { service, instances: [] }
      group.instances.push(instance)
      groups.set(service.id, group)
    }
    const all = [...groups.values()]
    for (const { instances } of all) instances.sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#before = new Map(all.flatMap(group => group.instances.map(each => [each.id, each])))
    return all
  }

  #toldTasks(): { readonly task: ListedTask; readonly isMarathons: boolean }[] {
    const marathon = marathonOf(this.#frameworks.values())
    return [...this.#tasks.values()].flatMap(({ task }) => {
      const isMarathons = task.framework === marathon
      if (isMarathons && this.#options.isMarathonWatched) return []
      return this.#newFrameworks.has(task.framework) ? [] : [{ task, isMarathons }]
    })
  }

  /** `isAlone`: no other task shares its executor, so what that takes is the task's. */
  #taskOf(
    task: ListedTask,
    isMarathons: boolean,
    isAlone: boolean,
  ): { task: Task; service: Service } {
    const agent = this.#agents.get(task.agent)
    const name = isMarathons ? taskNameOf(task.id) : undefined
    const framework = this.#frameworks.get(task.framework)?.name || task.framework
    return {
      service: name ? marathonService(name.path) : serviceOf(framework, task.name),
      task: {
        id: task.id,
        instance: name ? `marathon:${task.id}` : `mesos:${task.framework}:${task.id}`,
        host: agent?.hostname ?? '',
        agent: task.agent,
        state: task.state,
        health: healthOf(task),
        sinceMs: sinceOf(task),
        restarts: name?.restarts ?? 0,
        addresses: ownAddressesOf(task, agent?.ip),
        ports: portsOf(task),
        containers: containersOf(task),
        image: imageOf(task),
        mounts: [],
        labels: task.labels,
        ...(isAlone ? { usage: this.#usages.get(task.agent)?.get(executorOf(task)) } : {}),
      },
    }
  }

  /** False when its framework is new to us: it may be Marathon, whose tasks are called otherwise. */
  #add(listed: JsonRecord): boolean {
    const task = readTask(listed)
    if (task) this.#put(task)
    else this.counters.strangeEvents++
    if (!task || this.#frameworks.has(task.framework)) return true
    if (this.#newFrameworks.size < namedMax) this.#newFrameworks.add(task.framework)
    return false
  }

  /** The master's own state is what counts; the status within may be an older one. */
  #update(event: JsonRecord): void {
    const status = recordOf(event.status)
    const id = idOf(status.task_id ?? event.task_id)
    const known = this.#tasks.get(`${idOf(event.framework_id)} ${id}`)
    const state = textOf(event.state, 64) || textOf(status.state, 64)
    if (known) this.#put(updated(known.task, state, status))
    else this.counters.strangeEvents++
  }

  #put(task: ListedTask): void {
    const key = keyOf(task)
    if (stateOf(task.state) === 'exited') this.#tasks.delete(key)
    else if (this.#tasks.size >= tasksMax && !this.#tasks.has(key)) this.counters.cutTasks++
    else this.#tasks.set(key, { task, missingMs: Number.POSITIVE_INFINITY })
  }

  #dropFramework(id: string): void {
    for (const [key, { task }] of this.#tasks) if (task.framework === id) this.#tasks.delete(key)
  }

  /** Agents and frameworks of no task that is remembered. */
  #forget(): void {
    const tasks = [...this.#tasks.values()].map(({ task }) => task)
    const agents = new Set(tasks.map(task => task.agent))
    const frameworks = new Set(tasks.map(task => task.framework))
    for (const id of this.#agents.keys()) if (!agents.has(id)) this.#agents.delete(id)
    for (const id of this.#frameworks.keys()) if (!frameworks.has(id)) this.#frameworks.delete(id)
  }

  #prune(): void {
    const nowMs = this.#options.now()
    for (const [key, { missingMs }] of this.#tasks) {
      if (nowMs - missingMs > keptMs) this.#tasks.delete(key)
    }
  }
}

const executorOf = ({ framework, executor }: ListedTask): string => executorKey(framework, executor)

function keyOf({ framework, id }: ListedTask): string {
  return `${framework} ${id}`
}

function put<T>(map: Map<string, T>, id: string, value: T): void {
  if (id !== '' && (map.size < namedMax || map.has(id))) map.set(id, value)
}

function serviceOf(framework: string, name: string): Service {
  const id = `mesos:${framework}:${name}`
  return { id, name, kind: 'mesos', group: framework === '' ? [] : [framework] }
}

/**
 * The id of the Marathon among the frameworks: the one of that name, or the only one called so in part. Of several (a
 * Marathon that runs others) the rest are frameworks as any: their apps may have the same paths.
 */
function marathonOf(frameworks: Iterable<Framework>): string | undefined {
  const called = [...frameworks].filter(({ name }) => /marathon/i.test(name))
  const exact = called.filter(({ name }) => name.toLowerCase() === 'marathon')
  const [only, ...others] = exact.length > 0 ? exact : called
  return others.length === 0 ? only?.id : undefined
}
