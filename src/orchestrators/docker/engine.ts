import type { IncomingMessage } from 'node:http'
import type { EngineAddress } from './address.ts'
import { type EngineAnswer, EngineHttp } from './engine-http.ts'
import {
  type Inspected,
  type InspectedNetwork,
  type Listed,
  type ListedNetwork,
  readContainer,
  readList,
  readNetwork,
  readNetworks,
} from './shape.ts'

/** What an engine said of itself when we came. */
export interface Pin {
  /** Its release, `20.10.24`. */
  readonly release: string
  /** The API version both speak, `1.41`. */
  readonly api: string
  /** Its clock, seconds since the epoch: from when on events are wanted. */
  readonly sinceSeconds: number
}

/**
 * The newest API version whose shapes we know. Engines 29.0 to 29.2 refuse anything older, engines before 25 anything
 * newer than their own: min(ours, theirs) suits all of them.
 */
const ourApi = '1.44'
/** Requests at the same time: a hundred containers that start at once must not become a hundred connections. */
export const parallelMax = 8

/** What a list is to hold: of each key any of the values. */
export type Filters = Readonly<Record<string, readonly string[]>>

/** As they stand behind `filters=`. */
export function formatFilters(filters: Filters): string {
  return encodeURIComponent(JSON.stringify(filters))
}

/** What an engine says that does not do as asked. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** One Docker engine's API, as far as we need it: GETs. Every answer comes within seconds, or an error. */
export class Engine {
  readonly #http: EngineHttp
  #api = ourApi

  constructor(address: EngineAddress) {
    // One more, for the events, which never end.
    this.#http = new EngineHttp(address, parallelMax + 1)
  }

  /** Agrees on an API version; every later call uses it. An unversioned path would change its shape under us. */
  async pin(signal: AbortSignal): Promise<Pin> {
    const { status, headers, body } = await this.#http.get('/_ping', signal)
    if (status !== 200) throw refusal({ status, headers, body })
    const theirs = headers['api-version']
    this.#api = older(ourApi, typeof theirs === 'string' && isVersion(theirs) ? theirs : ourApi)
    const release = await this.#release(signal)
    const sinceMs = Date.parse(headers.date ?? '') || Date.now()
    return { release, api: this.#api, sinceSeconds: Math.floor(sinceMs / 1000) }
  }

  /** The containers that run, are paused or restart. */
  async containers(signal: AbortSignal): Promise<readonly Listed[]> {
    return readList(await this.list('/containers/json', signal))
  }

  /** `gone` when there is no such container (any more). */
  async inspect(id: string, signal: AbortSignal): Promise<Inspected | 'gone'> {
    const answer = await this.#http.get(
      this.#path(`/containers/${encodeURIComponent(id)}/json`),
      signal,
    )
    if (answer.status === 404) return 'gone'
    const container = answer.status === 200 ? readContainer(answer.body) : undefined
    if (container === undefined) throw refusal(answer)
    return container
  }

  async networks(signal: AbortSignal): Promise<readonly ListedNetwork[]> {
    return readNetworks(await this.list('/networks', signal))
  }

  /** `gone` when there is no such network on this node (any more). */
  async network(id: string, signal: AbortSignal): Promise<InspectedNetwork | 'gone'> {
    const answer = await this.#http.get(this.#path(`/networks/${encodeURIComponent(id)}`), signal)
    if (answer.status === 404) return 'gone'
    const network = answer.status === 200 ? readNetwork(answer.body) : undefined
    if (network === undefined) throw refusal(answer)
    return network
  }

  /**
   * The endless stream of events since then. Old engines send the headers with the first event only, so this may not
   * answer for long: nobody waits for it.
   */
  async events(
    filters: Filters,
    sinceSeconds: number,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const path = this.#path(`/events?since=${sinceSeconds}&filters=${formatFilters(filters)}`)
    const answer = await this.#http.open(path, signal)
    if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode} to /events`)
    return answer
  }

  /** Whatever it answers to a path, read by who knows it; a `Refusal` when it does not. */
  async answer(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#http.get(this.#path(path), signal)
    if (answer.status !== 200) throw refusal(answer)
    return answer.body
  }

  /** As `answer`, where it must be a list. */
  async list(path: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const body = await this.answer(path, signal)
    if (!Array.isArray(body)) throw new Refusal(200, 'it answered with what is no list')
    return body
  }

  close(): void {
    this.#http.close()
  }

  #path(path: string): string {
    return `/v${this.#api}${path}`
  }

  /** Asked under the version to be used; an engine that refuses it names its least one, and that is used then. */
  async #release(signal: AbortSignal): Promise<string> {
    const answer = await this.#http.get(this.#path('/version'), signal)
    if (answer.status === 200) return textOf(answer.body, 'Version') || 'unknown'
    const refused = refusal(answer)
    const least = /Minimum supported API version is (\d+\.\d+)/.exec(refused.message)?.[1]
    if (least === undefined || older(least, this.#api) === least) throw refused
    this.#api = least
    return this.#release(signal)
  }
}

/** Why an engine did not do as asked: `{"message": "..."}`, plain text up to 1.12. */
function refusal({ status, body }: EngineAnswer): Refusal {
  const text = typeof body === 'string' ? body : textOf(body, 'message')
  return new Refusal(status, `it answered ${status}${text && `: ${text.trim().slice(0, 200)}`}`)
}

function textOf(body: unknown, key: string): string {
  if (typeof body !== 'object' || body === null || !(key in body)) return ''
  const text = (body as Record<string, unknown>)[key]
  return typeof text === 'string' ? text : ''
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+$/.test(text)
}

function older(a: string, b: string): string {
  const [aMajor, aMinor] = a.split('.').map(Number)
  const [bMajor, bMinor] = b.split('.').map(Number)
  return aMajor < bMajor || (aMajor === bMajor && aMinor <= bMinor) ? a : b
}
