import type { Agent, IncomingMessage, RequestOptions, request } from 'node:http'
import { parseJson } from '#lib/json.ts'
import { sent, textOf, within } from '../http-answer.ts'
import type { EngineAddress } from './address.ts'

// Not `import`: that loads every export of the module, a WebSocket client too, which costs 15 MB of memory.
const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')

/** What an engine answered to a GET. */
export interface EngineAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The JSON value; the text where it is none (`OK`, errors of old engines). */
  readonly body: unknown
}

/** An answer that takes longer is none: an engine that hangs is lost. */
const answerMs = 10_000
/** A list of all containers an engine can run is far below this. */
const bodyBytesMax = 64 << 20

/** GET requests to one engine, over its socket or TCP, on kept connections. */
export class EngineHttp {
  readonly #options: RequestOptions
  readonly #request: typeof request
  readonly #agent: Agent

  /** `connectionsMax` requests run at a time, the rest wait their turn. */
  constructor(address: EngineAddress, connectionsMax: number) {
    const pool = { keepAlive: true, maxSockets: connectionsMax }
    const isSecure = address.kind === 'tcp' && address.tls !== undefined
    this.#agent = isSecure ? new https.Agent(pool) : new http.Agent(pool)
    this.#request = isSecure ? https.request : http.request
    this.#options = { ...optionsOf(address), agent: this.#agent }
  }

  /** A whole answer, whatever its status. Fails when the connection does, on abort, or after `answerMs`. */
  async get(path: string, signal: AbortSignal): Promise<EngineAnswer> {
    return within(answerMs, signal, async signal => {
      const answer = await this.open(path, signal)
      const text = await textOf(answer, bodyBytesMax)
      const { statusCode: status = 0, headers } = answer
      return { status, headers, body: parseJson(text) ?? text }
    })
  }

  /** An answer whose body is still to be read; it fails on abort, also in the middle. */
  open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    return sent(answered => this.#request({ ...this.#options, path, signal }, answered))
  }

  /** Ends all connections, whatever they wait for. */
  close(): void {
    this.#agent.destroy()
  }
}

function optionsOf(address: EngineAddress): RequestOptions {
  // An engine asks for a Host; over a socket any name will do.
  if (address.kind === 'socket') return { socketPath: address.path, host: 'docker' }
  return { host: address.host, port: address.port, ...address.tls }
}
