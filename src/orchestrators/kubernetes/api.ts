import type { Agent, IncomingMessage, RequestOptions, request } from 'node:http'
import { codeOf, messageOf } from '#lib/fault.ts'
import { parseJson } from '#lib/json.ts'
import { cut } from '#lib/text.ts'
import { opened, sent, textOf, within, wordsOf } from '../http-answer.ts'
import { type Access, isSafe } from './access.ts'
import { readStatus } from './shape.ts'

const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')

/** An answer that takes longer is none: a server that hangs is lost. */
const answerMs = 30_000
/** A page of five hundred objects is far below this. */
const bodyBytesMax = 128 << 20
/** Waiting longer than this because a server said so is no waiting any more. */
const retryAfterMsMax = 120_000

/** The API answered, and did not do as asked. */
export class Refusal extends Error {
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

export interface ApiOptions {
  readonly answerMs?: number
}

/** GET requests to the API of one cluster, with the credentials of the moment. Redirects are refused: it sends none. */
export class Api {
  readonly #access: Access
  readonly #answerMs: number
  readonly #request: typeof request
  readonly #agent: Agent
  /** The server, as it may be shown. */
  readonly shown: string

  constructor(access: Access, options: ApiOptions = {}) {
    this.#access = access
    this.#answerMs = options.answerMs ?? answerMs
    const isSecure = access.server.protocol === 'https:'
    this.#request = isSecure ? https.request : http.request
    // Kept alive by probes too: a peer that died without a word is found within seconds.
    this.#agent = isSecure
      ? new https.Agent({ keepAlive: true })
      : new http.Agent({ keepAlive: true })
    this.shown = `Kubernetes at ${access.server.host}`
  }

  /** The JSON value of a whole answer. Fails with a `Refusal`, when the connection does, on abort, or when it takes too long. */
  async get(path: string, accept: string, signal: AbortSignal): Promise<unknown> {
    return within(this.#answerMs, signal, async signal => {
      const answer = await this.#open(path, accept, signal)
      const text = await textOf(answer, bodyBytesMax)
      const value = text === '' ? null : parseJson(text)
      if (value === undefined) throw new Error(`its answer to ${pathOf(path)} is no JSON`)
      return value
    })
  }

  /** An answer whose body goes on and on. It fails on abort, and when it is silent for `silentMs`. */
  open(path: string, accept: string, silentMs: number, signal: AbortSignal) {
    const limits = { beginMs: this.#answerMs, silentMs }
    return opened(limits, signal, signal => this.#open(path, accept, signal))
  }

  /** One sentence for the operator: where, and what is wrong. */
  sentence(error: unknown): string {
    const remedy = remedies[codeOf(error) ?? '']
    return `${this.shown}: ${cut((remedy ?? messageOf(error)).trim(), 300)}`
  }

  close(): void {
    this.#agent.destroy()
  }

  async #open(path: string, accept: string, signal: AbortSignal): Promise<IncomingMessage> {
    const options = await this.#optionsFor(path, accept, signal)
    const answer = await sent(answered => this.#request(options, answered))
    const { statusCode: status = 0 } = answer
    if (status === 200) return answer
    if (status === 401) this.#access.refused()
    throw refusalOf(
      status,
      pathOf(path),
      await textOf(answer, bodyBytesMax),
      answer.headers['retry-after'],
    )
  }

  async #optionsFor(path: string, accept: string, signal: AbortSignal): Promise<RequestOptions> {
    const { server } = this.#access
    const { authorization, cert, key } = isSafe(server)
      ? await this.#access.credentials(signal)
      : {}
    const trust = this.#access.trust()
    return {
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      path: server.pathname.replace(/\/+$/, '') + path,
      agent: this.#agent,
      signal,
      headers: {
        host: server.host,
        accept,
        'user-agent': 'inkling',
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...trust,
      ...(cert === undefined ? {} : { cert, key }),
    }
  }
}

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EHOSTUNREACH: 'it cannot be reached',
  ECONNRESET: 'it broke the connection',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not of the authority that was given',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not of the authority that was given',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not of the authority that was given',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not of the authority that was given',
}

const pathOf = (path: string): string => path.split('?')[0]

function refusalOf(status: number, path: string, text: string, retryAfter: string | undefined) {
  const { message, details } = readStatus(parseJson(text))
  const seconds = Number(retryAfter ?? details.retryAfterSeconds)
  const retryAfterMs = seconds >= 0 ? Math.min(seconds * 1000, retryAfterMsMax) : undefined
  return refusal(status, path, message, retryAfterMs)
}

/** The API's own words where it has some, after what we make of the number. */
export function refusal(status: number, path: string, message: string, retryAfterMs?: number) {
  const why = meanings[status]
  const words = wordsOf(message)
  const said = [why, words].filter(Boolean).join(': ')
  return new Refusal(status, `it answered ${status} to ${path}${said && `: ${said}`}`, retryAfterMs)
}

const meanings: Readonly<Record<number, string>> = {
  401: 'it does not know us (a token that is over, a wrong certificate)',
  403: 'we may not (deploy/kubernetes/server.yaml has the role that is needed)',
  429: 'it is busy',
}
