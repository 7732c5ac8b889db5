import { connect, type Socket } from 'node:net'
import { connectFailure } from './http-client.ts'
import { type Call, nowUs } from './truth-log.ts'

/** How a protocol cuts its answers out of the bytes; `undefined` while an answer is incomplete. */
export interface Dialect<Answer> {
  /** Bytes to say before the first request; its answer is read with `read` and dropped. */
  readonly greeting?: Buffer
  read(bytes: Buffer): { readonly answer: Answer; readonly length: number } | undefined
  /** What a person of the trade would call the status, and whether it is an error. */
  judge(answer: Answer): { readonly status: string; readonly outcome: Call['outcome'] }
}

export interface Request {
  readonly bytes: Buffer
  readonly method: string
  readonly resource?: string
}

interface Waiting<Answer> {
  readonly request: Request | undefined
  readonly atUs: number
  resolve(answer: Answer): void
  reject(error: Error): void
}

export interface ConversationOptions<Answer> {
  readonly dialect: Dialect<Answer>
  readonly hostname: string
  readonly port: number
  /** Client, server and protocol of each call it records. */
  readonly names: Pick<Call, 'client' | 'server' | 'protocol'>
  record(call: Call): void
}

/** One connection to a server that answers in order; opened when needed, again when it broke. Every call is recorded. */
export class Conversation<Answer> {
  readonly #options: ConversationOptions<Answer>
  #socket: Socket | undefined
  #wasConnected = false
  #unread: Buffer = Buffer.alloc(0)
  #waiting: Waiting<Answer>[] = []

  constructor(options: ConversationOptions<Answer>) {
    this.#options = options
  }

  /** Rejects when the connection cannot be made or breaks before the answer is whole. */
  call(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket ?? this.#open()
      this.#waiting.push({ request, atUs: nowUs(), resolve, reject })
      socket.write(request.bytes)
    })
  }

  #open(): Socket {
    const { hostname, port, dialect } = this.#options
    const socket = connect({ host: hostname, port, family: 4, noDelay: true })
    this.#socket = socket
    this.#wasConnected = false
    socket.on('connect', () => {
      this.#wasConnected = true
    })
    socket.on('data', bytes => this.#read(bytes))
    socket.on('error', error => this.#break(socket, error))
    socket.on('close', () => this.#break(socket, new Error('the connection was closed')))
    if (dialect.greeting) this.#greet(socket, dialect.greeting)
    return socket
  }

  #greet(socket: Socket, bytes: Buffer): void {
    const ignored = () => {}
    this.#waiting.push({ request: undefined, atUs: nowUs(), resolve: ignored, reject: ignored })
    socket.write(bytes)
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes])
    for (;;) {
      const part = this.#options.dialect.read(this.#unread)
      const waiting = part && this.#waiting.shift()
      if (!waiting) return
      this.#unread = this.#unread.subarray(part.length)
      this.#record(waiting, part.answer)
      waiting.resolve(part.answer)
    }
  }

  #record({ request, atUs }: Waiting<Answer>, answer: Answer | undefined): void {
    if (!request) return
    const { names, dialect, record } = this.#options
    const { method, resource } = request
    const judged = answer === undefined ? { outcome: 'error' as const } : dialect.judge(answer)
    record({ atUs, ...names, method, resource, ...judged })
  }

  #break(socket: Socket, error: NodeJS.ErrnoException): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    this.#unread = Buffer.alloc(0)
    const waiting = this.#waiting.splice(0)
    if (this.#wasConnected) for (const one of waiting) this.#record(one, undefined)
    else if (connectFailure(error.code) === 'unconnected') this.#recordRefusal(waiting[0])
    for (const one of waiting) one.reject(error)
  }

  /** What was written before the connection stood is no call of the protocol: one failed connection is all there was. */
  #recordRefusal({ atUs }: Waiting<Answer>): void {
    const { names, record } = this.#options
    record({ atUs, ...names, protocol: 'tcp', method: 'CONNECT', outcome: 'error' })
  }
}
