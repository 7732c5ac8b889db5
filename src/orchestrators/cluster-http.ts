import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { codeOf } from '#lib/fault.ts'
import { parseJson } from '#lib/json.ts'
import { cut } from '#lib/text.ts'
import type { Credentials } from './cluster-login.ts'
import { opened, textOf, within, wordsOf } from './http-answer.ts'

const http = process.getBuiltinModule('node:http')
const https = process.getBuiltinModule('node:https')

/** What a server answered. */
export interface ApiAnswer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** The JSON value; undefined where it is none. */
  readonly body: unknown
  /** The start of the body as text: errors are pages, often. */
  readonly text: string
}

export interface ApiRequest {
  readonly signal: AbortSignal
  readonly accept?: string
  /** Sent as JSON, by POST. */
  readonly post?: unknown
}

/** An answer that takes longer is none: a server that hangs is lost. States of big clusters take their time. */
const answerMs = 30_000
/** A stream that has not begun by then does not. */
const openMs = 15_000
/** The state of a cluster of tens of thousands of tasks is below this. */
const bodyBytesMax = 128 << 20
const redirectsMax = 3
const textCharsMax = 300

/** A server sends to another that may not have our credentials. */
export class ForeignRedirect extends Error {
  readonly host: string

  constructor(host: string) {
    super(`it sends to ${cut(host, 100)}, which was not given: give that address too`)
    this.host = host
  }
}

/** What a cluster's client needs to know. */
export interface ApiOptions {
  readonly credentials: Credentials
  /** Hosts (`name:port`) that may have the credentials. */
  readonly hosts: readonly string[]
  readonly answerMs?: number
}

/**
 * Asks the APIs of one cluster. Redirects are followed; the credentials go only to hosts that were given or named by one
 * of them as its leader, and never from TLS to none.
 */
export class ApiClient {
  readonly #credentials: Credentials
  readonly #trusted: Set<string>
  readonly #answerMs: number
  readonly #agents = {
    http: new http.Agent({ keepAlive: true, maxSockets: 8 }),
    https: new https.Agent({ keepAlive: true, maxSockets: 8 }),
  }

  constructor(options: ApiOptions) {
    this.#credentials = options.credentials
    this.#trusted = new Set(options.hosts)
    this.#answerMs = options.answerMs ?? answerMs
  }

  /** `host` may have the credentials from now on. */
  trust(host: string): void {
    if (this.#trusted.size < 64) this.#trusted.add(host)
  }

  /** A whole answer, whatever its status. Fails when the connection does, on abort, or when it takes too long. */
  async ask(url: URL, request: ApiRequest): Promise<ApiAnswer> {
    return within(this.#answerMs, request.signal, async signal => {
      const answer = await this.#send(url, { ...request, signal })
      const text = await textOf(answer, bodyBytesMax)
      const { statusCode: status = 0, headers } = answer
      return { status, headers, body: parseJson(text), text: text.slice(0, textCharsMax) }
    })
  }

  /** An answer whose body never ends. It fails on abort, and when it is silent for `silentMs`. */
  open(url: URL, request: ApiRequest, silentMs: number): Promise<IncomingMessage> {
    const limits = { beginMs: Math.min(openMs, this.#answerMs), silentMs }
    return opened(limits, request.signal, signal => this.#send(url, { ...request, signal }))
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
    this.#credentials.close()
  }

  /** Follows redirects; once, when the credentials were refused, asks for new ones. */
  async #send(first: URL, request: ApiRequest): Promise<IncomingMessage> {
    let url = first
    let isRenewed = false
    for (let redirects = 0; ; ) {
      const answer = await this.#once(url, request)
      const next = redirectOf(answer, url)
      const isRefused = answer.statusCode === 401 && this.#trusted.has(url.host)
      if (isRefused && !isRenewed && this.#credentials.renews) {
        isRenewed = true
        this.#credentials.refused()
      } else if (next === undefined || redirects++ >= redirectsMax) {
        return answer
      } else {
        this.check(url, next)
        url = next
      }
      answer.destroy()
    }
  }

  /** A server says that another is to be asked instead; throws when that must not have our credentials. */
  check(from: URL, to: URL): void {
    if (!this.#credentials.given) return
    const isBared = from.protocol === 'https:' && to.protocol === 'http:'
    if (isBared || !this.#trusted.has(to.host)) throw new ForeignRedirect(to.host)
  }

  async #once(url: URL, { signal, accept, post }: ApiRequest): Promise<IncomingMessage> {
    const isTrusted = this.#trusted.has(url.host)
    const authorization = isTrusted ? await this.#credentials.header(url, signal) : undefined
    const body = post === undefined ? undefined : JSON.stringify(post)
    const isSecure = url.protocol === 'https:'
    const options: RequestOptions = {
      method: body === undefined ? 'GET' : 'POST',
      agent: isSecure ? this.#agents.https : this.#agents.http,
      headers: {
        accept: accept ?? 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      signal,
    }
    try {
      return await sent(url, options, body)
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error
      return sent(url, options, body)
    }
  }
}

/** A kept connection that the server had just given up. */
class StaleConnection extends Error {}

function sent(
  url: URL,
  options: RequestOptions,
  body: string | undefined,
): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request(url, options, resolve)
    asked.on('error', error => {
      const isStale = asked.reusedSocket && codeOf(error) === 'ECONNRESET'
      reject(isStale ? new StaleConnection(error.message) : error)
    })
    asked.end(body)
  })
}

/** Where a redirect leads; relative to where it was asked, so that `//host/path` keeps the scheme. */
function redirectOf({ statusCode, headers }: IncomingMessage, from: URL): URL | undefined {
  const { location } = headers
  if (statusCode === undefined || ![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  if (location === undefined || !URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from)
  to.username = ''
  to.password = ''
  return to.protocol === 'http:' || to.protocol === 'https:' ? to : undefined
}

/** `base` with a path and a query behind its own path: `https://dcos/service/marathon` + `/v2/apps`. */
export function under(base: URL, path: string): URL {
  const url = new URL(base)
  const [head, query = ''] = path.split('?')
  url.pathname = base.pathname.replace(/\/+$/, '') + head
  url.search = query
  return url
}

/** Why a server did not do as asked, in its own words where it has some: `{"message": ...}`, plain text. */
export function refusalOf(path: string, { status, body, text }: ApiAnswer): Error {
  const told = typeof body === 'object' && body !== null ? (body as { message?: unknown }) : {}
  const isPage = /^\s*</.test(text)
  const words = typeof told.message === 'string' ? told.message : isPage ? '' : text
  const why = remedies[status] ?? wordsOf(words)
  return new Error(`it answered ${status} to ${path}${why && `: ${why}`}`)
}

const remedies: Readonly<Record<number, string>> = {
  401: 'it wants credentials, or refuses those it got',
  403: 'the credentials do not allow it',
}
