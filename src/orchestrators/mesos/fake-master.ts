import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeServer, sendJson } from '../fake-server.ts'

/** A task of the fake, in the words of `/state`. */
export interface FakeTask {
  readonly id: string
  readonly name: string
  readonly framework: string
  readonly agent: string
  /** Who runs it; nobody but itself when it is but a command. */
  readonly executor?: string
  readonly state?: string
  readonly ip?: string
  /** Its network's name; empty: it has none. */
  readonly network?: string
  /** What it was asked to be, as `ContainerInfo` and `DiscoveryInfo` say it. */
  readonly container?: object
  readonly discovery?: object
  /** Ports of the agent that it was given. */
  readonly ports?: readonly number[]
  /** The container's id, which masters tell from 1.2 on. */
  readonly containerId?: string
  readonly labels?: object
  /** Since when it runs, or whatever it does. */
  readonly sinceMs?: number
}

/** An agent of the fake. */
export interface FakeAgent {
  readonly id: string
  readonly hostname: string
  readonly ip: string
  /** Where it answers itself. */
  readonly port?: number
}

/** For tests: a Mesos master in a few lines, that can be old, standing by, recovering, slow or gone. */
export class FakeMaster extends FakeServer {
  version = '1.11.0'
  tasks: FakeTask[] = []
  agents: readonly (string | FakeAgent)[] = []
  frameworks: Record<string, string> = {}
  /** The `host:port` that leads, if another. */
  leader: string | undefined
  /** What `/api/v1` answers: a subscription, or so. */
  subscription: 'stream' | 'mute' | number = 'stream'
  /** Seconds between signs of life, which are not sent: tests do. */
  heartbeat: number | undefined = 15

  /** As RecordIO, in pieces of so many bytes. */
  async tell(event: object, pieceBytes = 1000): Promise<void> {
    await this.send(recordOf(event), pieceBytes)
  }

  protected answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '' } = request
    if (this.refuses(request, response)) return
    const isNew = !this.version.startsWith('0.')
    if (url === '/version') sendJson(response, 200, { version: this.version })
    else if (this.leader !== undefined && isNew) {
      response.writeHead(307, { location: `//${this.leader}${url}` }).end()
    } else if (url === '/api/v1' && isNew) this.#subscribe(request, response)
    else if (url === '/state') sendJson(response, 200, this.#state())
    else response.writeHead(404).end()
  }

  /** One that stands by, up to 0.28, knows nobody. */
  #state(): object {
    const own = `master@${this.host}`
    if (this.leader !== undefined) {
      return { pid: own, leader: `master@${this.leader}`, slaves: [], frameworks: [] }
    }
    return {
      version: this.version,
      pid: own,
      leader: own,
      slaves: this.agents.map(agentOf).map(({ id, hostname, ip, port = 5051 }) => ({
        ...{ id, hostname, pid: `slave(1)@${ip}:${port}` },
      })),
      frameworks: Object.entries(this.frameworks).map(([id, name]) => ({
        id,
        name,
        tasks: this.tasks.filter(task => task.framework === id).map(v0Task),
      })),
    }
  }

  #subscribe(request: IncomingMessage, response: ServerResponse): void {
    const { subscription } = this
    if (typeof subscription === 'number') {
      response.writeHead(subscription).end()
      return
    }
    const isPost =
      request.method === 'POST' && request.headers['content-type'] === 'application/json'
    response.writeHead(isPost ? 200 : 415, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (subscription === 'mute') return
    this.keep(response, recordOf({ type: 'SUBSCRIBED', subscribed: this.#subscribed() }))
  }

  #subscribed(): object {
    const { heartbeat } = this
    return {
      get_state: {
        get_tasks: { tasks: this.tasks.map(v1Task) },
        get_frameworks: {
          frameworks: Object.entries(this.frameworks).map(([id, name]) => ({
            framework_info: { id: { value: id }, name },
          })),
        },
        get_agents: { agents: this.agents.map(agent => v1Agent(agent)) },
      },
      ...(heartbeat === undefined ? {} : { heartbeat_interval_seconds: heartbeat }),
    }
  }
}

function recordOf(event: object): Buffer {
  const text = JSON.stringify(event)
  return Buffer.from(`${Buffer.byteLength(text)}\n${text}`)
}

const agentOf = (agent: string | FakeAgent): FakeAgent =>
  typeof agent === 'string' ? { id: agent, hostname: agent, ip: agent } : agent

export function v1Agent(agent: string | FakeAgent): object {
  const { id, hostname, ip, port = 5051 } = agentOf(agent)
  return { agent_info: { id: { value: id }, hostname }, pid: `slave(1)@${ip}:${port}` }
}

/** The status of a task that runs, or whatever it does, with its address. */
export function statusOf(task: FakeTask): object {
  const { state = 'TASK_RUNNING', ip, network = 'dcos', containerId } = task
  const sinceMs = task.sinceMs ?? 1_760_000_000_500
  const name = network === '' ? {} : { name: network }
  const infos = ip === undefined ? [] : [{ ...name, ip_addresses: [{ ip_address: ip }] }]
  const id = containerId === undefined ? {} : { container_id: { value: containerId } }
  return {
    state,
    timestamp: sinceMs / 1000,
    container_status: { ...id, network_infos: infos },
  }
}

function v0Task(task: FakeTask): object {
  const { id, name, framework, agent, executor = '', ports = [], state = 'TASK_RUNNING' } = task
  const ranges = ports.map(port => `${port}-${port}`)
  const resources = ports.length === 0 ? {} : { ports: `[${ranges.join(', ')}]` }
  return {
    ...{
      id,
      name,
      framework_id: framework,
      executor_id: executor,
      slave_id: agent,
      state,
      resources,
    },
    ...{ statuses: [statusOf(task)], ...askedOf(task) },
  }
}

export function v1Task(task: FakeTask): object {
  const { id, name, framework, agent, executor, ports = [], state = 'TASK_RUNNING' } = task
  const range = ports.map(port => ({ begin: port, end: port }))
  const resources = ports.length === 0 ? [] : [{ name: 'ports', type: 'RANGES', ranges: { range } }]
  return {
    task_id: { value: id },
    framework_id: { value: framework },
    agent_id: { value: agent },
    ...(executor === undefined ? {} : { executor_id: { value: executor } }),
    ...{ name, state, resources, statuses: [statusOf(task)], ...askedOf(task) },
  }
}

const askedOf = ({ container, discovery, labels }: FakeTask): object =>
  JSON.parse(JSON.stringify({ container, discovery, labels }))
