import type { Instance, ServiceGroup } from '#model/service.ts'
import { agentAddressesOf, disputedOf, instanceOf } from '../mesos/task.ts'
import { readApp, type Workload } from './app.ts'
import type { Doings } from './deployment.ts'
import { readPod } from './pod.ts'
import { marathonService } from './service.ts'

/** Apps and pods beyond these are not shown: a Marathon is unwell long before. */
const workloadsMax = 10_000

/** What limits cut off, counted. */
export interface RosterCounters {
  /** Apps and pods without a usable id. */
  unreadable: number
  cutWorkloads: number
}

/** The apps and pods of one Marathon, as last answered. */
export class Roster {
  readonly counters: RosterCounters = { unreadable: 0, cutWorkloads: 0 }
  #apps = new Map<string, Workload>()
  #pods = new Map<string, Workload>()
  #deployments: Doings = new Map()
  #queue: Doings = new Map()
  #before: ReadonlyMap<string, Instance> = new Map()

  /** The complete list of apps. */
  putApps(answers: readonly unknown[]): void {
    this.#apps = this.#read(answers, readApp)
  }

  /** The complete list of pods. */
  putPods(answers: readonly unknown[]): void {
    this.#pods = this.#read(answers, readPod)
  }

  /** One app or pod, asked for by its path. */
  put(path: string, answer: unknown, kind: Workload['kind']): void {
    const workload = kind === 'app' ? readApp(answer) : readPod(answer)
    const list = kind === 'app' ? this.#apps : this.#pods
    if (workload?.path !== path) this.counters.unreadable++
    else if (list.size < workloadsMax || list.has(path)) list.set(path, workload)
    else this.counters.cutWorkloads++
  }

  /** There is no such app (or pod). */
  delete(path: string, kind: Workload['kind']): void {
    if (kind === 'app') this.#apps.delete(path)
    else this.#pods.delete(path)
  }

  isPod(path: string): boolean {
    return this.#pods.has(path)
  }

  putDoings(deployments: Doings, queue: Doings): void {
    this.#deployments = deployments
    this.#queue = queue
  }

  /** Agents by name whose address no task tells: to be asked of the name server. */
  unaddressed(): string[] {
    const tasks = this.#tasks()
    const agents = agentAddressesOf(tasks)
    const names = tasks.filter(({ host }) => host !== '' && !agents.has(`name ${host}`))
    return [...new Set(names.map(task => task.host))]
  }

  /** All services, with `resolved` addresses of agents by name. */
  groups(resolved: ReadonlyMap<string, string>): ServiceGroup[] {
    const tasks = this.#tasks()
    const agents = agentAddressesOf(tasks)
    for (const [name, ip] of resolved) {
      if (!agents.has(`name ${name}`)) agents.set(`name ${name}`, ip)
    }
    const around = { agents, disputed: disputedOf(tasks), before: this.#before }
    const groups = [...this.#apps.values(), ...this.#pods.values()].map(
      (workload): ServiceGroup => {
        const instances = workload.tasks.map(task => instanceOf(task, around))
        const { path, desired } = workload
        const doing = this.#doingOf(workload)
        return {
          service: marathonService(path),
          instances: instances.filter(instance => instance !== undefined).sort(byName),
          desired,
          ...(doing === undefined ? {} : { doing }),
        }
      },
    )
    const told = groups.filter(({ instances, desired }) => instances.length > 0 || desired)
    this.#before = new Map(told.flatMap(group => group.instances.map(each => [each.id, each])))
    return told
  }

  #tasks() {
    return [...this.#apps.values(), ...this.#pods.values()].flatMap(({ tasks }) => tasks)
  }

  /** `rolling update, 1 of 3; waiting for resources`: tasks that run as they are meant to, of those that should. */
  #doingOf({ path, desired, version, tasks, versions }: Workload): string | undefined {
    const deployment = this.#deployments.get(path)
    const queue = this.#queue.get(path)
    if (deployment === undefined) return queue
    const isUpdate = deployment === 'rolling update'
    const done = tasks.filter(
      ({ state }, i) => state === 'TASK_RUNNING' && (!isUpdate || versions[i] === version),
    )
    return [`${deployment}, ${done.length} of ${desired}`, queue].filter(Boolean).join('; ')
  }

  #read(answers: readonly unknown[], read: (answer: unknown) => Workload | undefined) {
    const found = new Map<string, Workload>()
    for (const answer of answers) {
      const workload = read(answer)
      if (workload === undefined) this.counters.unreadable++
      else if (found.size >= workloadsMax) this.counters.cutWorkloads++
      else found.set(workload.path, workload)
    }
    return found
  }
}

function byName(a: Instance, b: Instance): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
