import { Agent as HttpAgent, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Dockerode from 'dockerode'
import type { EngineAddress } from './address.ts'
import { eventFilters } from './events.ts'
import {
  type Inspected,
  type Listed,
  type ListedNetwork,
  readContainer,
  readList,
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
 * The newest API version whose shapes we know. Engines 29.0 to 29.2 refuse anything older, engines from 17 on anything
 * newer than their own: min(ours, theirs) suits all of them.
 */
const ourApi = '1.44'
/** An answer that takes longer is none: an engine that hangs is lost. */
const answerMs = 10_000
/** Requests at the same time: a hundred containers that start at once must not become a hundred connections. */
const parallelMax = 8

/** One Docker engine's API, as far as we need it. Every call ends, by an answer or an error, within `answerMs`. */
export class Engine {
  readonly #address: EngineAddress
  readonly #agent: HttpAgent
  #docker: Dockerode

  constructor(address: EngineAddress) {
    const options = { keepAlive: true, maxSockets: parallelMax + 1, timeout: 0 }
    this.#agent =
      address.kind === 'tcp' && address.tls ? new HttpsAgent(options) : new HttpAgent(options)
    this.#address = address
    this.#docker = new Dockerode(connectionOf(address, this.#agent))
  }

  /** Agrees on an API version; every later call uses it. An unversioned path would change its shape under us. */
  async pin(signal: AbortSignal): Promise<Pin> {
    const ping = await this.#ping(signal)
    const theirs = ping.headers['api-version']
    const date = Date.parse(ping.headers.date ?? '')
    const api = older(ourApi, typeof theirs === 'string' && theirs ? theirs : ourApi)
    const release = await this.#release(api, signal)
    const sinceMs = date > 0 ? date : Date.now()
    return { ...release, sinceSeconds: Math.floor(sinceMs / 1000) }
  }

  async containers(signal: AbortSignal): Promise<readonly Listed[]> {
    const answer = await limited(signal, abortSignal =>
      this.#docker.listContainers({ abortSignal }),
    )
    if (!Array.isArray(answer)) throw new Error('the engine answered no container list')
    return readList(answer)
  }

  /** `gone` when there is no such container (any more). */
  async inspect(id: string, signal: AbortSignal): Promise<Inspected | 'gone'> {
    try {
      const container = this.#docker.getContainer(id)
      const answer = await limited(signal, abortSignal => container.inspect({ abortSignal }))
      const read = readContainer(answer)
      if (read === undefined) throw new Error('the engine answered no container')
      return read
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return 'gone'
      throw error
    }
  }

  async networks(signal: AbortSignal): Promise<readonly ListedNetwork[]> {
    const answer = await limited(signal, abortSignal => this.#docker.listNetworks({ abortSignal }))
    if (!Array.isArray(answer)) throw new Error('the engine answered no network list')
    return readNetworks(answer)
  }

  /**
   * The endless stream of events since then. Old engines send the headers with the first event only, so this may not
   * answer for long: nobody waits for it.
   */
  async events(sinceSeconds: number, signal: AbortSignal): Promise<NodeJS.ReadableStream> {
    const filters = JSON.stringify(eventFilters)
    return this.#docker.getEvents({ since: sinceSeconds, filters, abortSignal: signal })
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ping(signal: AbortSignal): Promise<IncomingMessage> {
    return limited(signal, abortSignal => {
      const request = {
        path: '/_ping',
        method: 'GET',
        isStream: true,
        statusCodes: { 200: true },
        abortSignal,
      }
      return new Promise<IncomingMessage>((resolve, reject) => {
        this.#docker.modem.dial(request, (error: unknown, answer: unknown) => {
          if (error) reject(error)
          else resolve((answer as IncomingMessage).resume())
        })
      })
    })
  }

  /** Asks for the release under the version to be used: the engine's own refusal names its least one. */
  async #release(api: string, signal: AbortSignal): Promise<{ release: string; api: string }> {
    this.#docker = new Dockerode({
      ...connectionOf(this.#address, this.#agent),
      version: `v${api}`,
    })
    try {
      const answer = await limited(signal, () => this.#docker.version())
      return { release: typeof answer?.Version === 'string' ? answer.Version : 'unknown', api }
    } catch (error) {
      const least = /Minimum supported API version is (\d+\.\d+)/.exec(String(error))?.[1]
      if (least === undefined || least === api) throw error
      return this.#release(least, signal)
    }
  }
}

/** dockerode passes an agent on to Node, its types do not know. */
type ConnectionOptions = Dockerode.DockerOptions & { readonly agent: HttpAgent }

function connectionOf(address: EngineAddress, agent: HttpAgent): ConnectionOptions {
  // dockerode reads DOCKER_HOST by itself and merges: what must not come from there is undefined by name.
  if (address.kind === 'socket') {
    return { socketPath: address.path, host: undefined, protocol: 'http', agent }
  }
  const { host, port, tls } = address
  return { socketPath: undefined, host, port, protocol: tls ? 'https' : 'http', ...tls, agent }
}

function older(a: string, b: string): string {
  const [aMajor, aMinor] = a.split('.').map(Number)
  const [bMajor, bMinor] = b.split('.').map(Number)
  return aMajor < bMajor || (aMajor === bMajor && aMinor <= bMinor) ? a : b
}

/**
 * dockerode never answers when a connection breaks in the middle of a body, and not every call of it can be aborted:
 * so each call races the clock and the signal.
 */
async function limited<T>(
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
  limit.throwIfAborted()
  const ended = Promise.withResolvers<never>()
  const end = () => ended.reject(new Error(`the engine did not answer within ${answerMs / 1000} s`))
  limit.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([call(limit), ended.promise])
  } finally {
    limit.removeEventListener('abort', end)
  }
}
