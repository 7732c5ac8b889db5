import { isGone, type Service, type ServiceGroup } from '#model/service.ts'
import { isIngress } from '../docker/networks.ts'
import type { ListedNetwork } from '../docker/shape.ts'
import { groupOf, isJob } from './group.ts'
import { type Cuts, isAlive, isSettled } from './instance.ts'
import { type Machine, machinesOf } from './node.ts'
import { markOf } from './pace.ts'
import type { SwarmNode, SwarmService, SwarmTask } from './shape.ts'

const servicesMax = 4096
/** Tasks of all services together: what lies beyond is not shown. */
const tasksMax = 16_384

/** The swarm as a manager last told it, and what was told on of it. Whatever did not change costs nothing. */
export class Picture {
  readonly cuts: Cuts = { labels: 0, addresses: 0, ports: 0, tasks: 0, services: 0 }
  readonly #tasks = new Map<string, readonly SwarmTask[]>()
  /** What was told, by the swarm's id of the service. */
  readonly #told = new Map<string, { readonly service: Service; readonly text: string }>()
  /** Services that may look other than they were told. */
  readonly #dirty = new Set<string>()
  #services: ReadonlyMap<string, SwarmService> = new Map()
  #machines: ReadonlyMap<string, Machine> = new Map()
  #networks: ReadonlyMap<string, string> = new Map()
  #ingress: string | undefined
  #cluster = ''
  #version = 0

  /** Of which swarm this is; empty before it was opened. */
  get cluster(): string {
    return this.#cluster
  }

  open(cluster: string): void {
    this.#cluster = cluster
  }

  /** The swarm is no more, nor what was told of it. */
  close(): readonly ServiceGroup[] {
    this.putServices([])
    const gone = this.changes()
    this.#cluster = ''
    this.#version = 0
    return gone
  }

  services(): ReadonlyMap<string, SwarmService> {
    return this.#services
  }

  putNodes(nodes: readonly SwarmNode[]): void {
    this.#see(nodes)
    const machines = machinesOf(nodes)
    if (!isSame(machines, this.#machines)) this.#changeAll()
    this.#machines = machines
  }

  putNetworks(networks: readonly ListedNetwork[]): void {
    const names = new Map(networks.map(({ Id, Name }) => [Id, Name]))
    const ingress = networks.find(isIngress)?.Id
    if (!isSame(names, this.#networks) || ingress !== this.#ingress) this.#changeAll()
    this.#networks = names
    this.#ingress = ingress
  }

  /** All services; the tasks of those that are no more are forgotten. */
  putServices(services: readonly SwarmService[]): void {
    this.#see(services)
    this.cuts.services = Math.max(0, services.length - servicesMax)
    const before = this.#services
    this.#services = new Map(services.slice(0, servicesMax).map(service => [service.ID, service]))
    for (const [id, service] of this.#services) {
      const known = before.get(id)
      if (!known || markOf(known) !== markOf(service)) this.#dirty.add(id)
    }
    for (const id of before.keys()) {
      if (this.#services.has(id)) continue
      this.#dirty.add(id)
      this.#tasks.delete(id)
    }
  }

  /** All tasks of a service that are alive or meant to be. True when they are others than before. */
  putTasks({ ID }: SwarmService, tasks: readonly SwarmTask[]): boolean {
    this.#see(tasks)
    const before = this.tasksOf(ID)
    const room = Math.max(0, tasksMax - this.taskCount() + before.length)
    this.cuts.tasks += Math.max(0, tasks.length - room)
    this.#tasks.set(ID, tasks.slice(0, room))
    const isChanged = versionsOf(before) !== versionsOf(this.tasksOf(ID))
    if (isChanged) this.#dirty.add(ID)
    return isChanged
  }

  tasksOf(service: string): readonly SwarmTask[] {
    return this.#tasks.get(service) ?? []
  }

  /** Something will happen to its tasks soon: they start, end, or are replaced. */
  isMoving({ ID, UpdateStatus }: SwarmService): boolean {
    if (/^(updating|rollback_started)$/.test(UpdateStatus.State)) return true
    return this.tasksOf(ID).some(task => !isSettled(task))
  }

  /** All groups; from now on only what differs from them is a change. */
  all(): readonly ServiceGroup[] {
    this.#told.clear()
    this.#changeAll()
    return this.changes()
  }

  /** Groups that are not as they were told, whole; those that are no more without instances. */
  changes(): readonly ServiceGroup[] {
    const groups = [...this.#dirty].flatMap(id => this.#changeOf(id) ?? [])
    this.#dirty.clear()
    // One that was made anew under the name of another comes after that one went.
    groups.sort((a, b) => Number(isGone(b)) - Number(isGone(a)))
    const cluster = { id: this.#cluster, version: this.#version }
    return groups.map(group => ({ ...group, cluster }))
  }

  #changeOf(id: string): ServiceGroup | undefined {
    const told = this.#told.get(id)
    const group = this.#groupOf(id)
    if (!group) {
      this.#told.delete(id)
      return told && { service: told.service, instances: [] }
    }
    const text = JSON.stringify(group)
    if (told?.text === text) return undefined
    this.#told.set(id, { service: group.service, text })
    return group
  }

  /** A job that is done is as good as gone. */
  #groupOf(id: string): ServiceGroup | undefined {
    const service = this.#services.get(id)
    const tasks = this.tasksOf(id)
    if (!service || (isJob(service.Spec.Mode) && !tasks.some(isAlive))) return undefined
    return groupOf(service, tasks, {
      ...{ machines: this.#machines, networks: this.#networks },
      ...{ ingress: this.#ingress, cuts: this.cuts },
    })
  }

  #changeAll(): void {
    for (const id of this.#services.keys()) this.#dirty.add(id)
  }

  /** The swarm counts its changes; the highest number seen says how new the picture is. */
  #see(things: readonly { readonly Version: { readonly Index: number } }[]): void {
    for (const { Version } of things) this.#version = Math.max(this.#version, Version.Index)
  }

  /** Tasks of all services. */
  taskCount(): number {
    let count = 0
    for (const tasks of this.#tasks.values()) count += tasks.length
    return count
  }
}

function isSame(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return JSON.stringify([...a]) === JSON.stringify([...b])
}

function versionsOf(tasks: readonly SwarmTask[]): string {
  return tasks
    .map(({ ID, Version }) => `${ID} ${Version.Index}`)
    .sort()
    .join()
}
