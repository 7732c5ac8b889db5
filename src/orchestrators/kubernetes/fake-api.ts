import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** For tests: an API server in some lines, that can be told to be busy, forgetful, strict, slow, cut off or gone. */
export interface FakeObject {
  readonly metadata: { readonly name: string; readonly namespace?: string; [key: string]: unknown }
  readonly [key: string]: unknown
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED'

interface Change {
  readonly version: number
  readonly path: string
  readonly type: EventType
  readonly object: FakeObject
}

interface Watch {
  readonly path: string
  readonly answer: ServerResponse
}

/** What a request is answered instead; `never` is no answer at all. */
export type Fault =
  | 'never'
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
    }

export class FakeApi {
  /** What requests must carry, when there is any. */
  token: string | undefined
  /** Asked before each request; `undefined` lets it pass. */
  fault: (path: string, query: URLSearchParams) => Fault | undefined = () => undefined
  /** Bytes a piece: lines are cut anywhere. */
  pieceBytes = 1 << 20
  /** `list /api/v1/pods 12`, `watch /api/v1/pods from 12`, in order. */
  readonly requests: string[] = []
  readonly accepted: string[] = []
  /** Paths that exist. */
  readonly #objects = new Map<string, Map<string, FakeObject>>()
  readonly #changes: Change[] = []
  readonly #watches = new Set<Watch>()
  #version = 1000
  /** Changes up to here are forgotten. */
  #forgotten = 0
  #server: Server | undefined
  #isSecure = false

  constructor(paths: readonly string[]) {
    for (const path of paths) this.#objects.set(path, new Map())
  }

  async start(port = 0, tls?: ServerOptions): Promise<string> {
    const listener = (asked: IncomingMessage, answer: ServerResponse) => this.#answer(asked, answer)
    this.#isSecure = tls !== undefined
    this.#server = tls ? createSecureServer(tls, listener) : createServer(listener)
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return this.url
  }

  get url(): string {
    return `http${this.#isSecure ? 's' : ''}://127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = once(this.#server!, 'close')
    this.#server!.close()
    this.#server!.closeAllConnections()
    await closed
  }

  put(path: string, object: FakeObject): void {
    const type = this.#objects.get(path)!.has(keyOf(object)) ? 'MODIFIED' : 'ADDED'
    this.#change(path, type, object)
  }

  remove(path: string, name: string, namespace = 'shop'): void {
    const object = this.#objects.get(path)!.get(`${namespace}/${name}`)!
    this.#change(path, 'DELETED', object)
  }

  /** What happened before now is forgotten: who has an older version must list anew. */
  forget(): void {
    this.#forgotten = this.#version
  }

  /** Removes without telling anybody: as if it happened while nobody watched and is forgotten. */
  removeUnseen(path: string, name: string, namespace = 'shop'): void {
    this.#version++
    this.#objects.get(path)!.delete(`${namespace}/${name}`)
    this.forget()
  }

  /** Tells those who watch how far they are, without anything having happened to them. */
  bookmark(path: string): string {
    this.#version++
    const object = { kind: 'Pod', metadata: { resourceVersion: String(this.#version) } }
    this.say(path, `${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    return String(this.#version)
  }

  /** Says anything to those who watch. */
  say(path: string, text: string): void {
    for (const watch of this.#watches) if (watch.path === path) this.#write(watch.answer, text)
  }

  /** Ends watches as the server does when their time is up, or breaks them off. */
  endWatches(how: 'end' | 'break' = 'end'): void {
    for (const { answer } of this.#watches) how === 'end' ? answer.end() : answer.destroy()
  }

  watchers(path: string): number {
    return [...this.#watches].filter(watch => watch.path === path).length
  }

  #change(path: string, type: EventType, given: FakeObject): void {
    this.#version++
    const object = {
      ...given,
      metadata: { ...given.metadata, resourceVersion: String(this.#version) },
    }
    const objects = this.#objects.get(path)!
    if (type === 'DELETED') objects.delete(keyOf(object))
    else objects.set(keyOf(object), object)
    const change = { version: this.#version, path, type, object }
    this.#changes.push(change)
    this.say(path, lineOf(change))
  }

  #answer(asked: IncomingMessage, answer: ServerResponse) {
    const { pathname: path, searchParams: query } = new URL(asked.url ?? '/', 'http://x')
    this.accepted.push(asked.headers.accept ?? '')
    const isWatch = query.get('watch') === '1'
    this.requests.push(
      isWatch ? `watch ${path} from ${query.get('resourceVersion')}` : `list ${path}`,
    )
    const fault = this.fault(path, query)
    if (fault === 'never') return
    if (fault)
      return send(answer, fault.status, fault.body ?? statusOf(fault.status), fault.headers)
    if (this.token !== undefined && asked.headers.authorization !== `Bearer ${this.token}`) {
      return send(answer, 401, statusOf(401))
    }
    if (path === '/version') return send(answer, 200, { major: '1', gitVersion: 'v1.32.4' })
    const objects = this.#objects.get(path)
    if (!objects) return send(answer, 404, statusOf(404))
    if (isWatch) this.#watch(path, Number(query.get('resourceVersion')), answer)
    else this.#list([...objects.values()], query, answer)
  }

  #list(all: readonly FakeObject[], query: URLSearchParams, answer: ServerResponse) {
    const [version, start] = (query.get('continue') ?? `${this.#version}/0`).split('/').map(Number)
    if (version < this.#forgotten && start > 0) return send(answer, 410, statusOf(410))
    const end = start + Number(query.get('limit') ?? Number.POSITIVE_INFINITY)
    const isMore = end < all.length
    const metadata = {
      resourceVersion: String(version),
      ...(isMore ? { continue: `${version}/${end}` } : {}),
    }
    send(answer, 200, { kind: 'List', metadata, items: all.slice(start, end) })
  }

  #watch(path: string, from: number, answer: ServerResponse): void {
    answer.writeHead(200, { 'content-type': 'application/json' })
    answer.flushHeaders()
    if (from < this.#forgotten) {
      const gone = { type: 'ERROR', object: { ...statusOf(410), reason: 'Expired' } }
      answer.end(`${JSON.stringify(gone)}\n`)
      return
    }
    const watch = { path, answer }
    this.#watches.add(watch)
    answer.on('close', () => this.#watches.delete(watch))
    for (const change of this.#changes) {
      if (change.path === path && change.version > from) this.#write(answer, lineOf(change))
    }
  }

  #write(answer: ServerResponse, text: string): void {
    const bytes = Buffer.from(text)
    for (let start = 0; start < bytes.length; start += this.pieceBytes) {
      answer.write(bytes.subarray(start, start + this.pieceBytes))
    }
  }
}

function keyOf({ metadata }: FakeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

function lineOf({ type, object }: Change): string {
  return `${JSON.stringify({ type, object })}\n`
}

function statusOf(code: number) {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: `told ${code}`, code }
}

function send(answer: ServerResponse, status: number, body: unknown, headers = {}): void {
  answer.writeHead(status, { 'content-type': 'application/json', ...headers })
  answer.end(typeof body === 'string' ? body : JSON.stringify(body))
}
