import { WebSocket } from 'ws'
import { Backoff } from '#lib/backoff.ts'
import { codeOf, messageOf } from '#lib/fault.ts'
import {
  type Acknowledgement,
  decodeServerMessage,
  encodeAgentMessage,
  type Hello,
  type Welcome,
} from '#wire/agent.ts'
import type { Log } from './log.ts'
import type { ServerTime } from './server-time.ts'

export interface LineOptions {
  readonly server: URL
  readonly token: string
  /** Who signs certificates that are believed, PEM; those that the system believes without it. */
  readonly ca?: string
  readonly time: ServerTime
  readonly log: Log
}

export interface LineEvents {
  hello(): Omit<Hello, 'askedMs'>
  welcome(message: Welcome): void
  acknowledged(message: Acknowledgement): void
  /** `isRefused`: the server could not read what it was told. */
  closed(isRefused: boolean): void
}

/** A server that says nothing for this long is as good as gone. */
const silentMs = 15_000
const handshakeMs = 10_000
/** Bytes on their way beyond which nothing is added: a slow link or server fills the spool, never the memory. */
const sendingBytesMax = 1024 * 1024
const quietBytes = 64 * 1024
/** The clock is asked often at first, then now and then. */
const firstQuestions = 4
const firstEveryMs = 250
const questionEveryMs = 10_000
/** WebSocket's code for a message of the wrong form (RFC 6455, 7.4.1). */
const notUnderstood = 1007

/** The connection to the server, made again for ever: says hello, measures the server's clock, notices silence. */
export class Line {
  readonly #options: LineOptions
  readonly #events: LineEvents
  readonly #backoff = new Backoff({ firstMs: 250, maxMs: 10_000 })
  #socket: WebSocket | undefined
  #retry: NodeJS.Timeout | undefined
  #isWelcome = false
  #isClosed = false
  #life = ''
  #heardMs = 0
  #sendingBytes = 0
  #questions = 0
  #askedMs = 0
  #failures = 0

  constructor(options: LineOptions, events: LineEvents) {
    this.#options = options
    this.#events = events
    this.#connect()
  }

  /** Whether something more may be sent now. */
  get hasRoom(): boolean {
    return this.#isWelcome && (this.#socket?.bufferedAmount ?? 0) < sendingBytesMax
  }

  /** How soon it wants its next beat. */
  get beatMs(): number {
    return this.#isWelcome && this.#questions < firstQuestions ? firstEveryMs : 1000
  }

  /** Whether what can wait may be sent now: little else is on its way. */
  get isQuiet(): boolean {
    return this.#isWelcome && (this.#socket?.bufferedAmount ?? 0) < quietBytes
  }

  send(bytes: Uint8Array): void {
    this.#socket?.send(bytes)
  }

  /** Call it about once a second. */
  beat(): void {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) return
    const nowMs = this.#nowMs
    // A long message over a slow link is on its way: that is a sign of life too.
    if (socket.bufferedAmount < this.#sendingBytes) this.#heardMs = nowMs
    this.#sendingBytes = socket.bufferedAmount
    if (nowMs - this.#heardMs > silentMs) {
      socket.terminate()
      return
    }
    const everyMs = this.#questions < firstQuestions ? firstEveryMs : questionEveryMs
    // Behind other bytes a question would wait, and measure them.
    if (!this.#isWelcome || nowMs - this.#askedMs < everyMs * 0.9 || socket.bufferedAmount > 0)
      return
    this.#questions++
    this.#askedMs = nowMs
    this.send(encodeAgentMessage({ type: 'clock', askedMs: this.#nowMs }))
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#socket?.close(1000, 'the agent stops')
  }

  get #nowMs(): number {
    return this.#options.time.own.steadyMs()
  }

  #connect(): void {
    const { server, token, ca } = this.#options
    const url = new URL('/api/v1/agents', server)
    url.protocol = isSecure(server) ? 'wss:' : 'ws:'
    const headers = { authorization: `Bearer ${token}` }
    const socket = new WebSocket(url, { headers, ca, handshakeTimeout: handshakeMs })
    this.#socket = socket
    let fault: unknown
    socket.on('open', () => {
      this.#heardMs = this.#nowMs
      this.send(encodeAgentMessage({ ...this.#events.hello(), askedMs: this.#nowMs }))
    })
    socket.on('message', (bytes: Buffer) => this.#hear(bytes))
    socket.on('error', error => {
      fault = error
    })
    socket.on('close', (code, reason) => this.#ended(code, reason.toString() || whyOf(fault)))
  }

  #ended(code: number, why: string): void {
    const { server, log } = this.#options
    const wasWelcome = this.#isWelcome
    this.#isWelcome = false
    if (this.#isClosed) return
    if (wasWelcome) log.warn(`The server at ${server.host} is away (${why}); trying again.`)
    else if (this.#failures++ === 0) log.warn(`Cannot reach ${server.host}: ${why}.`)
    this.#retry = setTimeout(() => this.#connect(), this.#backoff.nextMs())
    this.#events.closed(code === notUnderstood)
  }

  #hear(bytes: Uint8Array): void {
    const heardMs = this.#nowMs
    const message = decodeServerMessage(bytes)
    if (!message) return
    this.#heardMs = heardMs
    if (message.type === 'acknowledged') {
      this.#backoff.reset()
      this.#events.acknowledged(message)
      return
    }
    if (message.type === 'welcome') this.#enter(message)
    this.#options.time.hear({ ...message, heardMs })
    if (message.type === 'welcome') this.#events.welcome(message)
  }

  #enter({ life }: Welcome): void {
    const { time, log, server } = this.#options
    if (life !== this.#life) time.forget()
    if (this.#failures > 0 || this.#life !== '') log.info(`Connected to ${server.host}.`)
    this.#life = life
    this.#isWelcome = true
    this.#failures = 0
    this.#questions = 0
    this.#sendingBytes = 0
  }
}

const isSecure = ({ protocol }: URL) => protocol === 'https:' || protocol === 'wss:'

/** What OpenSSL and Node say of a connection that failed, in the operator's words. */
function whyOf(fault: unknown): string {
  if (fault === undefined) return 'closed'
  const known = sentences[codeOf(fault) ?? '']
  if (known) return known
  const said = messageOf(fault)
  if (said.includes('401')) return 'it refuses the token: see --token'
  return said
}

const unknownSigner =
  'its certificate is signed by nobody who is known here: name the file of who signed it with --ca'

const sentences: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownSigner,
  SELF_SIGNED_CERT_IN_CHAIN: unknownSigner,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownSigner,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownSigner,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet, by the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is not for that name',
  EPROTO: 'it speaks no TLS there: write http:// instead of https://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS there: write http:// instead of https://',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it hung up; if it speaks TLS there, write https://',
  ENOTFOUND: 'there is no such name',
}
