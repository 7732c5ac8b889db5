import type { IncomingMessage, ServerResponse } from 'node:http'
import { FakeServer, sendJson } from '../fake-server.ts'

/** For tests: a Marathon in a few lines, that can be old, standing by, slow, cut off, without events or gone. */
export class FakeMarathon extends FakeServer {
  apps: Record<string, unknown>[] = []
  pods: Record<string, unknown>[] | undefined = []
  deployments: unknown = []
  queue: unknown = { queue: [] }
  info: Record<string, unknown> = { name: 'marathon', version: '1.10.26' }
  /** What `/v2/events` answers: a stream, or so. */
  events: 'stream' | 'page' | { redirect: string } | number = 'stream'
  /** Stands before every path: `/service/marathon`. */
  prefix = ''
  /** Answers break off in their middle. */
  isCut = false
  readonly logins: unknown[] = []
  /** Answers a login with the token it gives, or a status. */
  login: (body: unknown) => string | number = () => 404

  get url(): URL {
    return new URL(`http://${this.host}${this.prefix}`)
  }

  /** Sent as Jetty does, in pieces of so many bytes. */
  async tell(type: string, data: object, pieceBytes = 1000): Promise<void> {
    await this.send(eventOf(type, data), pieceBytes)
  }

  protected answer(request: IncomingMessage, response: ServerResponse): void {
    const { url = '' } = request
    if (url === '/acs/api/v1/auth/login') return void this.#logIn(request, response)
    if (this.refuses(request, response)) return
    if (!url.startsWith(this.prefix)) return void sendJson(response, 404, { message: 'not here' })
    const [path] = url.slice(this.prefix.length).split('?')
    if (path === '/v2/events') return void this.#stream(request, response)
    const answer = this.#find(path)
    if (answer === undefined)
      return void sendJson(response, 404, { message: `App '${path}' does not exist` })
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

  #stream({ headers }: IncomingMessage, response: ServerResponse): void {
    const { events } = this
    const refusal = headers.accept === 'text/event-stream' ? events : 405
    if (typeof refusal === 'number') {
      sendJson(response, refusal, { message: 'no' })
    } else if (refusal === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    } else if (typeof refusal === 'object') {
      response.writeHead(302, { location: refusal.redirect }).end()
    } else {
      const type = 'text/event-stream;charset=utf-8'
      response.writeHead(200, { 'content-type': type, connection: 'close' })
      response.flushHeaders()
      this.keep(response, eventOf('event_stream_attached', { remoteAddress: '127.0.0.1' }))
    }
  }

  async #logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += chunk
    this.logins.push(JSON.parse(text))
    const answer = this.login(JSON.parse(text))
    if (typeof answer === 'string') sendJson(response, 200, { token: answer })
    else sendJson(response, answer, { title: 'no', description: 'wrong', code: 'ERR' })
  }
}

const eventOf = (type: string, data: object): string =>
  `event: ${type}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`

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
