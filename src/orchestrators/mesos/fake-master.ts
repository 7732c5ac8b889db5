import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeServer, sendJson } from '../fake-server.ts'

/** A task of the fake, in the words of `/state`. */
export interface FakeTask {
  readonly id: string
  readonly name: string
  readonly framework: string
  readonly agent: string
  readonly state?: string
  readonly ip?: string
  readonly network?: string
}

/** For tests: a Mesos master in a few lines, that can be old, standing by, recovering, slow or gone. */
export class FakeMaster extends FakeServer {
  version = '1.11.0'
  tasks: FakeTask[] = []
  agents: string[] = []
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
      slaves: this.agents.map(ip => ({ id: ip, hostname: ip, pid: `slave(1)@${ip}:5051` })),
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
        get_agents: { agents: this.agents.map(v1Agent) },
      },
      ...(heartbeat === undefined ? {} : { heartbeat_interval_seconds: heartbeat }),
    }
  }
}

function recordOf(event: object): Buffer {
  const text = JSON.stringify(event)
  return Buffer.from(`${Buffer.byteLength(text)}\n${text}`)
}

export function v1Agent(ip: string): object {
  return { agent_info: { id: { value: ip }, hostname: ip }, pid: `slave(1)@${ip}:5051` }
}

/** The status of a task that runs, or whatever it does, with its address. */
export function statusOf({ state = 'TASK_RUNNING', ip, network = 'dcos' }: FakeTask): object {
  const infos = ip === undefined ? [] : [{ name: network, ip_addresses: [{ ip_address: ip }] }]
  return { state, timestamp: 1_760_000_000.5, container_status: { network_infos: infos } }
}

function v0Task(task: FakeTask): object {
  const { id, name, framework, agent, state = 'TASK_RUNNING' } = task
  return { id, name, framework_id: framework, slave_id: agent, state, statuses: [statusOf(task)] }
}

export function v1Task(task: FakeTask): object {
  const { id, name, framework, agent, state = 'TASK_RUNNING' } = task
  return {
    task_id: { value: id },
    framework_id: { value: framework },
    agent_id: { value: agent },
    ...{ name, state, statuses: [statusOf(task)] },
  }
}
