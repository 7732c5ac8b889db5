import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FakeSwarm } from '../swarm/fake-swarm.ts'

/** For tests: an engine in a few lines, that can be told to be old, slow, cut off or gone. */
export interface FakeContainer {
  Id: string
  Name: string
  State: {
    Running: boolean
    Paused?: boolean
    Restarting?: boolean
    Pid: number
    [key: string]: unknown
  }
  [key: string]: unknown
}

/** How an engine writes its events: as before 29, as `x-ndjson`, as `json-seq`; each in pieces of so many bytes. */
export interface Framing {
  readonly contentType: string
  readonly before: string
  readonly after: string
  readonly pieceBytes: number
}

export const plainFraming: Framing = {
  contentType: 'application/json',
  before: '',
  after: '',
  pieceBytes: 7,
}

/** What `docker/fixtures/` recorded of an engine 20.10. */
export function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}-20.10.json`, import.meta.url), 'utf8'))
}

/** A container of one's own, on network `n1`. */
export function containerOf(digit: string, name: string, more: object = {}): FakeContainer {
  return {
    Id: digit.repeat(64).slice(0, 64),
    Name: `/${name}`,
    RestartCount: 0,
    State: { Running: true, Pid: 0, StartedAt: '2026-01-01T00:00:00Z' },
    HostConfig: { NetworkMode: 'n1' },
    Config: { Image: 'app', Labels: {} },
    NetworkSettings: {
      Networks: { n1: { NetworkID: 'n1id', IPAddress: '10.9.0.2', Gateway: '10.9.0.1' } },
    },
    ...more,
  }
}

export class FakeEngine {
  readonly containers = new Map<string, FakeContainer>()
  networks: unknown = []
  /** What `GET /networks/<id>` answers, by id; a number is an error's status. */
  readonly networkInspections = new Map<string, unknown>()
  /** The swarm that it is part of. */
  swarm: FakeSwarm | undefined
  apiVersion = '1.41'
  minApiVersion = '1.12'
  framing: Framing = plainFraming
  /** Ids whose inspection answers an error. */
  readonly broken = new Set<string>()
  /** The list of containers answers an error. */
  listBroken = false
  /** The list of containers breaks off in its middle. */
  listCut = false
  /** Inspections answer so late. */
  delayMs = 0
  readonly requests: string[] = []
  inspecting = 0
  inspectingMost = 0
  #server: Server | undefined
  #streams = new Set<ServerResponse>()

  async start(path: string): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.listen(path)
    await once(this.#server, 'listening')
  }

  /** Ends at once, as an engine that is killed. */
  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    server.closeAllConnections()
    this.#streams.clear()
    await new Promise(resolve => server.close(resolve))
  }

  put(container: FakeContainer): void {
    this.containers.set(container.Id, container)
  }

  /** Waits until somebody listens to events. */
  async followed(): Promise<void> {
    while (this.#streams.size === 0) await new Promise(resolve => setTimeout(resolve, 5))
  }

  /** Tells an event, in pieces. */
  emit(action: string, id: string, type = 'container', attributes: object = {}): void {
    const text = JSON.stringify({
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
    })
    this.emitText(this.framing.before + text + this.framing.after)
  }

  emitText(text: string): void {
    const bytes = Buffer.from(text)
    for (const stream of this.#streams) {
      for (let i = 0; i < bytes.length; i += this.framing.pieceBytes) {
        stream.write(bytes.subarray(i, i + this.framing.pieceBytes))
      }
    }
  }

  /** Ends the event stream but not the engine. */
  cutEvents(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? ''
    this.requests.push(url)
    response.setHeader('Api-Version', this.apiVersion)
    if (url === '/_ping') return void response.end('OK')
    const [, version, path] = /^\/v(\d+\.\d+)(\/[^?]*)/.exec(url) ?? []
    if (path === undefined) return refuse(response, 404, 'page not found')
    if (minor(version) < minor(this.minApiVersion)) {
      const least = `Minimum supported API version is ${this.minApiVersion}, please upgrade`
      return refuse(response, 400, `client version ${version} is too old. ${least}`)
    }
    if (minor(version) > minor(this.apiVersion)) return refuse(response, 400, 'too new')
    if (path === '/version')
      return reply(response, { Version: '20.10.24', ApiVersion: this.apiVersion })
    const told = this.swarm?.answer(path, new URL(url, 'http://engine').searchParams)
    if (told) {
      response.statusCode = told.status
      return reply(response, told.body)
    }
    if (path === '/networks') return reply(response, this.networks)
    if (path.startsWith('/networks/')) return this.#inspectNetwork(path.split('/')[2], response)
    if (path === '/events') return this.#follow(response)
    if (path === '/containers/json') return this.#list(response)
    await this.#inspect(path.split('/')[2], response)
  }

  #inspectNetwork(id: string, response: ServerResponse): void {
    const answer = this.networkInspections.get(id) ?? 404
    if (typeof answer === 'number') refuse(response, answer, `network ${id} not found`)
    else reply(response, answer)
  }

  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': this.framing.contentType })
    response.flushHeaders()
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
  }

  #list(response: ServerResponse): void {
    if (this.listBroken) {
      refuse(response, 500, 'the store is locked')
      return
    }
    if (this.listCut) {
      response.writeHead(200, { 'Content-Length': 1000 })
      response.write('[', () => response.destroy())
      return
    }
    const running = [...this.containers.values()].filter(({ State }) => State.Running)
    reply(
      response,
      running.map(({ Id, State }) => ({ Id, State: stateText(State) })),
    )
  }

  async #inspect(id: string, response: ServerResponse): Promise<void> {
    this.inspectingMost = Math.max(this.inspectingMost, ++this.inspecting)
    if (this.delayMs > 0) await new Promise(resolve => setTimeout(resolve, this.delayMs))
    this.inspecting--
    const container = this.containers.get(id)
    if (this.broken.has(id)) return refuse(response, 500, 'it hangs')
    if (container === undefined) return refuse(response, 404, `No such container: ${id}`)
    reply(response, container)
  }
}

function stateText(state: FakeContainer['State']): string {
  if (state.Restarting) return 'restarting'
  return state.Paused ? 'paused' : 'running'
}

function minor(version: string): number {
  return Number(version.split('.')[1])
}

function reply(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(value))
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status
  reply(response, { message })
}
