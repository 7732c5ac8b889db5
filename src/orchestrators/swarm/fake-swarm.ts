import { readFileSync } from 'node:fs'

/** For tests: what `swarm/fixtures/` recorded of an engine 20.10. */
export function recordedSwarm(name: string): Record<string, unknown>[] {
  const path = new URL(`./fixtures/${name}-20.10.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8'))
}

interface Told {
  readonly status: number
  readonly body: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: what an engine answers is anything; tests change it anywhere
type Thing = Record<string, any>

/** For tests: the swarm of a fake engine, as a manager knows it. Each change counts up `version`. */
export class FakeSwarm {
  nodeState = 'active'
  isManager = true
  managers = 1
  cluster = 'c1'
  version = 10
  readonly services = new Map<string, Thing>()
  readonly tasks = new Map<string, Thing>()
  readonly nodes = new Map<string, Thing>()
  /** What it answers instead, by path. */
  readonly refusals = new Map<string, Told>()
  /** An engine before API 1.41 does not count tasks. */
  countsTasks = true

  addNode(id: string, hostname: string, addr: string, state = 'ready', more: Thing = {}): Thing {
    const node = {
      ...{ ID: id, Version: { Index: ++this.version }, Description: { Hostname: hostname } },
      ...{ Status: { State: state, Addr: addr }, Spec: { Role: 'worker' }, ...more },
    }
    this.nodes.set(id, node)
    return node
  }

  addService(name: string, more: Thing = {}, spec: Thing = {}): Thing {
    const service = {
      ...{ ID: `${name}-id`, Version: { Index: ++this.version }, Endpoint: {} },
      Spec: { Name: name, Mode: { Replicated: { Replicas: 1 } }, ...spec },
      ...more,
    }
    this.services.set(service.ID, service)
    return service
  }

  /** A running task of a service, on network `ov`. */
  addTask(id: string, service: string, ip: string, more: Thing = {}): Thing {
    const attachment = { Network: { ID: 'ov', Spec: { Name: 'shop' } }, Addresses: [`${ip}/24`] }
    const task = {
      ...{ ID: id, Version: { Index: ++this.version }, ServiceID: `${service}-id`, Slot: 1 },
      ...{ CreatedAt: '2026-01-01T00:00:00Z', NodeID: 'n1', DesiredState: 'running' },
      Spec: { ContainerSpec: { Image: 'app:1@sha256:abc', Labels: {} } },
      Status: { State: 'running', Timestamp: '2026-01-01T00:00:05Z' },
      NetworksAttachments: [attachment],
      ...more,
    }
    this.tasks.set(id, task)
    return task
  }

  change(thing: Thing, more: Thing): void {
    Object.assign(thing, more, { Version: { Index: ++this.version } })
  }

  answer(path: string, query: URLSearchParams): Told | undefined {
    const refused = this.refusals.get(path)
    if (refused) return refused
    if (path === '/info') return told(this.#info())
    if (!['/services', '/tasks', '/nodes'].includes(path)) return undefined
    if (!this.isManager)
      return { status: 503, body: { message: 'This node is not a swarm manager.' } }
    if (path === '/nodes') return told([...this.nodes.values()])
    if (path === '/tasks') return this.#listTasks(JSON.parse(query.get('filters') ?? '{}'))
    const isCounted = this.countsTasks && query.get('status') === 'true'
    return told(isCounted ? this.#counted() : [...this.services.values()])
  }

  #info(): Thing {
    const Cluster = this.isManager ? { ID: this.cluster } : undefined
    const Swarm = { NodeID: 'n1', LocalNodeState: this.nodeState, ControlAvailable: this.isManager }
    return { Swarm: { ...Swarm, Managers: this.managers, Cluster } }
  }

  #counted(): Thing[] {
    const counts = new Map<string, Thing>()
    for (const id of this.services.keys()) {
      counts.set(id, { RunningTasks: 0, DesiredTasks: 0, CompletedTasks: 0 })
    }
    for (const { ServiceID, Status, DesiredState } of this.tasks.values()) {
      const count = counts.get(ServiceID)
      if (!count) continue
      if (Status.State === 'running') count.RunningTasks++
      if (Status.State === 'complete') count.CompletedTasks++
      if (DesiredState === 'running' || DesiredState === 'complete') count.DesiredTasks++
    }
    const services = [...this.services.values()]
    return services.map(service => ({ ...service, ServiceStatus: counts.get(service.ID) }))
  }

  #listTasks(filters: Record<string, string[]>): Told {
    const { id, service, 'desired-state': desired } = filters
    const missing = service?.find(one => !this.services.has(one))
    if (missing) return { status: 404, body: { message: `service ${missing} not found` } }
    const found = [...this.tasks.values()].filter(
      task =>
        (!id || id.includes(task.ID)) &&
        (!service || service.includes(task.ServiceID)) &&
        (!desired || desired.includes(task.DesiredState)),
    )
    return told(found)
  }
}

const told = (body: unknown): Told => ({ status: 200, body })
