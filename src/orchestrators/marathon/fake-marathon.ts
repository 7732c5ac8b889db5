import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** For tests: a Marathon in a few lines, that can be old, standing by, slow, cut off, without events or gone. */
export class FakeMarathon {
  apps: Record<string, unknown>[] = []
  pods: Record<string, unknown>[] | undefined = []
  deployments: unknown = []
  queue: unknown = { queue: [] }
  info: Record<string, unknown> = { name: 'marathon', version: '1.10.26' }
  /** What `/v2/events` answers: a stream, or so. */
  events: 'stream' | 'page' | { redirect: string } | number = 'stream'
  /** Stands before every path: `/service/marathon`. */
  prefix = ''
  /** Wanted as `Authorization`; 401 without it. */
  authorization: string | undefined
  /** Answers to any path with this status and body. */
  broken: { status: number; body: string; type?: string } | undefined
  /** Answers break off in their middle. */
  isCut = false
  /** Never answers. */
  isMute = false
  readonly requests: string[] = []
  readonly authorizations: (string | undefined)[] = []
  readonly logins: unknown[] = []
  /** Answers a login with the token it gives, or a status. */
  login: (body: unknown) => string | number = () => 404
  readonly #streams = new Set<ServerResponse>()
  #server: Server | undefined
  #port = 0

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#port}${this.prefix}`)
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`
  }

  /** Streams that are open. */
  get listeners(): number {
    return this.#streams.size
  }

  async start(): Promise<this> {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    if (server?.listening) await new Promise(resolve => server.close(resolve))
  }

  /** Sent as Jetty does, in pieces of so many bytes. */
  async tell(type: string, data: object, pieceBytes = 1000): Promise<void> {
    await this.send(`event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`, pieceBytes)
  }

  async send(text: string, pieceBytes = 1000): Promise<void> {
    const bytes = Buffer.from(text)
    for (let i = 0; i < bytes.length; i += pieceBytes) {
      for (const stream of this.#streams) stream.write(bytes.subarray(i, i + pieceBytes))
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /** The streams end, as those of consumers that are too slow. */
  hangUp(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', headers } = request
    this.requests.push(`${request.method} ${url}`)
    this.authorizations.push(headers.authorization)
    if (this.isMute) return
    if (url === '/acs/api/v1/auth/login') return this.#logIn(request, response)
    const { broken } = this
    if (broken) {
      response.writeHead(broken.status, { 'content-type': broken.type ?? 'text/plain' })
      return void response.end(broken.body)
    }
    if (this.authorization !== undefined && headers.authorization !== this.authorization) {
      return json(response, 401, { message: 'Invalid username or password.' })
    }
    if (!url.startsWith(this.prefix)) return json(response, 404, { message: 'not here' })
    const [path] = url.slice(this.prefix.length).split('?')
    if (path === '/v2/events') return this.#stream(request, response)
    const answer = this.#find(path)
    if (answer === undefined)
      return json(response, 404, { message: `App '${path}' does not exist` })
    const text = JSON.stringify(answer)
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    if (!this.isCut) return void response.end(text)
    response.write(text.slice(0, text.length / 2), () => response.destroy())
  }

  #find(path: string): unknown {
    if (path === '/v2/info') return this.info
    if (path === '/v2/apps') return { apps: this.apps }
    if (path === '/v2/pods/::status') return this.pods
    if (path === '/v2/deployments') return this.deployments
    if (path === '/v2/queue') return this.queue
    const app = this.apps.find(each => path === `/v2/apps${each.id}`)
    if (app) return { app }
    return this.pods?.find(each => path === `/v2/pods${each.id}::status`)
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    const { events } = this
    const refusal = request.headers.accept === 'text/event-stream' ? events : 405
    if (typeof refusal === 'number') {
      json(response, refusal, { message: 'no' })
      return
    }
    if (events === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' })
      return void response.end('<html>')
    }
    if (typeof events === 'object') {
      response.writeHead(302, { location: events.redirect })
      return void response.end()
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream;charset=utf-8',
      connection: 'close',
    })
    response.flushHeaders()
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
    response.write('event: event_stream_attached\r\ndata: {"remoteAddress":"127.0.0.1"}\r\n\r\n')
  }

  async #logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    this.logins.push(JSON.parse(text))
    const answer = this.login(JSON.parse(text))
    if (typeof answer === 'string') json(response, 200, { token: answer })
    else json(response, answer, { title: 'no', description: 'wrong', code: 'ERR' })
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** An app on a network of its own, with so many running tasks. */
export function appOf(id: string, count: number, more: object = {}): Record<string, unknown> {
  const safe = id.slice(1).replaceAll('/', '_')
  const tasks = Array.from({ length: count }, (_, i) => ({
    id: `${safe}.8cad6a69-6ca8-11e7-beb2-0e2beceeb${String(i).padStart(3, '0')}`,
    appId: id,
    host: `10.0.0.${i + 1}`,
    slaveId: `agent-S${i}`,
    state: 'TASK_RUNNING',
    startedAt: '2026-01-01T00:00:00Z',
    version: '2026-01-01T00:00:00Z',
    ports: [],
    ipAddresses: [{ ipAddress: `9.0.1.${i + 1}`, protocol: 'IPv4' }],
  }))
  return {
    id,
    instances: count,
    version: '2026-01-01T00:00:00Z',
    networks: [{ mode: 'container', name: 'dcos' }],
    container: { type: 'MESOS', docker: { image: 'shop/app:1' }, portMappings: [] },
    tasks,
    ...more,
  }
}
