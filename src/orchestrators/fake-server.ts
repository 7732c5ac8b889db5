import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered to any path. */
export interface Broken {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** A Unix socket to listen on, and what whoever asks takes for the server's `host:port`. */
export interface Place {
  readonly socketPath: string
  readonly host: string
}

/**
 * For tests: what the stand-ins for a cluster's servers have in common. It writes down what it is asked, can be strict,
 * broken, mute or gone, and keeps the streams of its events.
 */
export abstract class FakeServer {
  /** Wanted as `Authorization`; 401 without it. */
  authorization: string | undefined
  broken: Broken | undefined
  /** Never answers. */
  isMute = false
  /** `GET /v2/apps`, in order. */
  readonly requests: string[] = []
  readonly authorizations: (string | undefined)[] = []
  readonly #streams = new Set<ServerResponse>()
  #server: Server | undefined
  #port = 0
  #host: string | undefined

  get host(): string {
    return this.#host ?? `127.0.0.1:${this.#port}`
  }

  /** Streams that are open. */
  get listeners(): number {
    return this.#streams.size
  }

  /** Listens where it listened before. */
  async start(place?: Place): Promise<this> {
    this.#server = createServer((request, response) => this.#hear(request, response))
    if (place) this.#server.listen(place.socketPath)
    else this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#host = place?.host
    if (!place) this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    if (server?.listening) await new Promise(resolve => server.close(resolve))
  }

  /** To all streams, in pieces of so many bytes. */
  async send(text: string | Buffer, pieceBytes = 1000): Promise<void> {
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

  protected abstract answer(request: IncomingMessage, response: ServerResponse): void

  /** The answer goes on for as long as both want. */
  protected keep(response: ServerResponse, first: string | Buffer): void {
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
    response.write(first)
  }

  /** True when it answered already: that it is broken, or that whoever asks must not. */
  protected refuses({ headers }: IncomingMessage, response: ServerResponse): boolean {
    const { broken } = this
    const isStranger =
      this.authorization !== undefined && headers.authorization !== this.authorization
    if (broken) {
      response.writeHead(broken.status, { 'content-type': broken.type ?? 'text/plain' })
      response.end(broken.body)
    } else if (isStranger) {
      sendJson(response, 401, { message: 'Invalid username or password.' })
    }
    return broken !== undefined || isStranger
  }

  #hear(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(`${request.method} ${request.url ?? ''}`)
    this.authorizations.push(request.headers.authorization)
    if (!this.isMute) this.answer(request, response)
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
