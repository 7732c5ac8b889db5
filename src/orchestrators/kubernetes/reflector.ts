import type { IncomingMessage } from 'node:http'
import { Backoff, type BackoffLimits, pause } from '#lib/backoff.ts'
import { type Api, Refusal, refusal } from './api.ts'
import { Lines } from './lines.ts'
import type { Resource } from './resources.ts'
import { readEvent, readPage, readStatus } from './shape.ts'

/** Where what was listed and watched goes. */
export interface Sink<T> {
  /** All there are. */
  replace(objects: readonly T[]): void
  put(object: T): void
  remove(object: T): void
}

/**
 * How it stands with one resource. `waiting`: not listed yet. `refused`: we may not, or there is no such thing; what was
 * known stays. `failing`: it could not be asked twice in a row.
 */
export type Standing =
  | { readonly kind: 'waiting' | 'current' }
  | { readonly kind: 'refused' | 'failing'; readonly error: unknown }

export interface ReflectorOptions {
  readonly pageSize: number
  /** The server ends a watch after so long, and we begin the next. */
  readonly watchSeconds: number
  /** What was refused is tried again after this. */
  readonly refusedMs: number
  readonly backoff: BackoffLimits
}

export const reflectorOptions: ReflectorOptions = {
  pageSize: 500,
  watchSeconds: 240,
  refusedMs: 60_000,
  backoff: { firstMs: 250, maxMs: 20_000 },
}

/** What was lost, cut or repeated since the start. */
export interface ReflectorCounters {
  lists: number
  watches: number
  events: number
  /** Lines of a watch that were no events: all was listed anew. */
  malformed: number
  /** Times the version we had was forgotten (410). */
  expired: number
  cutObjects: number
}

/** A silent watch is dead this long after the server should have ended it. */
const silenceMs = 30_000
/** A watch that ends sooner, having told nothing, is not followed by the next at once. */
const shortMs = 1_000
/** Failures in a row after which the version we have may be the reason. */
const patience = 5
/** Pages of one list; beyond, something is wrong. */
const pagesMax = 2_000

/** The list is too old to go on with: everything must be listed anew. */
class Expired extends Error {}

/** Keeps a copy of one resource: lists it, watches it from the list's version on, lists anew when that is forgotten. */
export class Reflector<T> {
  readonly #api: Api
  readonly #resource: Resource<T>
  readonly #sink: Sink<T>
  readonly #tell: (standing: Standing) => void
  readonly #options: ReflectorOptions
  readonly #counters: ReflectorCounters
  readonly #backoff: Backoff
  #path: string
  #version: string | undefined
  #failures = 0
  /** Once a list expired while it was turned page by page, the next comes in one. */
  #isPaged = true

  constructor(
    api: Api,
    resource: Resource<T>,
    sink: Sink<T>,
    tell: (standing: Standing) => void,
    more: { readonly options: ReflectorOptions; readonly counters: ReflectorCounters },
  ) {
    this.#api = api
    this.#resource = resource
    this.#sink = sink
    this.#tell = tell
    this.#options = more.options
    this.#counters = more.counters
    this.#backoff = new Backoff(more.options.backoff)
    this.#path = resource.paths[0]
  }

  /** Until the signal aborts. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list(signal)
        await this.#watch(signal)
      } catch (error) {
        if (signal.aborted) return
        await pause(this.#failed(error), signal)
      }
    }
  }

  /** What a failure means for the copy; answers how long to wait. */
  #failed(error: unknown): number {
    const status = error instanceof Refusal ? error.status : 0
    if (error instanceof Expired || status === 410) {
      this.#counters.expired++
      this.#isPaged = this.#version !== undefined
      this.#version = undefined
      return this.#backoff.nextMs()
    }
    if (status === 404 && this.#nextPath()) return 0
    const isRefused = status === 403 || status === 404
    if (isRefused && !this.#resource.isNeeded) {
      this.#version = undefined
      this.#tell({ kind: 'refused', error })
      return this.#options.refusedMs
    }
    this.#failures++
    if (this.#failures >= patience || (status >= 400 && status < 429 && status !== 401)) {
      this.#version = undefined
    }
    if (this.#failures > 1 || isRefused) this.#tell({ kind: 'failing', error })
    return Math.max(this.#backoff.nextMs(), (error as Refusal).retryAfterMs ?? 0)
  }

  /** Older servers have it elsewhere; after the last comes the first again. */
  #nextPath(): boolean {
    const { paths } = this.#resource
    const next = paths.indexOf(this.#path) + 1
    this.#path = paths[next] ?? paths[0]
    this.#version = undefined
    return next < paths.length
  }

  async #list(signal: AbortSignal): Promise<void> {
    this.#counters.lists++
    const objects: T[] = []
    let next = ''
    for (let pages = 0; ; pages++) {
      if (pages >= pagesMax) throw new Error(`its list of ${this.#resource.name} has no end`)
      const page = await this.#page(next, signal)
      this.#read(page.items, objects)
      next = page.next
      if (next !== '') continue
      this.#sink.replace(objects)
      this.#version = page.version
      this.#isPaged = true
      return
    }
  }

  async #page(next: string, signal: AbortSignal) {
    const { name, accept } = this.#resource
    const query = new URLSearchParams()
    if (this.#isPaged) query.set('limit', String(this.#options.pageSize))
    if (next !== '') query.set('continue', next)
    const answer = await this.#api.get(`${this.#path}?${query}`, accept.list, signal)
    const page = readPage(answer)
    if (page === undefined || page.version === '') throw new Error(`its list of ${name} is none`)
    return page
  }

  #read(items: readonly unknown[], objects: T[]): void {
    for (const item of items) {
      const object = this.#resource.read(item)
      if (object === undefined) continue
      if (objects.length < this.#resource.max) objects.push(object)
      else this.#counters.cutObjects++
    }
  }

  /** One watch, to its end: a normal one when the server's time is up. */
  async #watch(signal: AbortSignal): Promise<void> {
    this.#counters.watches++
    const seconds = Math.ceil(this.#options.watchSeconds * (0.75 + Math.random() / 4))
    const query = new URLSearchParams({
      watch: '1',
      resourceVersion: this.#version!,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    })
    const silentMs = seconds * 1000 + silenceMs
    const { accept } = this.#resource
    const startMs = performance.now()
    const stream = await this.#api.open(`${this.#path}?${query}`, accept.watch, silentMs, signal)
    this.#succeeded()
    const events = await this.#follow(stream)
    if (events > 0 || performance.now() - startMs > shortMs) this.#backoff.reset()
    else await pause(this.#backoff.nextMs(), signal)
  }

  #succeeded(): void {
    this.#failures = 0
    this.#tell({ kind: 'current' })
  }

  async #follow(stream: IncomingMessage): Promise<number> {
    const lines = new Lines()
    let events = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const whole = lines.read(chunk)
      if (whole === undefined) throw this.#doubt()
      for (const line of whole) this.#hear(line)
      events += whole.length
    }
    return events
  }

  #hear(line: string): void {
    const event = readEvent(line)
    if (event === undefined) throw this.#doubt()
    const { type, object, version } = event
    if (type === 'ERROR') throw this.#errorOf(object)
    this.#counters.events++
    if (version !== '') this.#version = version
    const read = type === 'BOOKMARK' ? undefined : this.#resource.read(object)
    if (read === undefined) return
    if (type === 'DELETED') this.#sink.remove(read)
    else this.#sink.put(read)
  }

  /** What the line told is lost, so nothing that follows is sure. */
  #doubt(): Error {
    this.#counters.malformed++
    this.#version = undefined
    return new Error(`its watch of ${this.#resource.name} told what is no event`)
  }

  #errorOf(object: unknown): Error {
    const { code, reason, message, details } = readStatus(object)
    if (code === 410 || reason === 'Expired' || reason === 'Gone') return new Expired(message)
    const { retryAfterSeconds: seconds } = details
    return refusal(code, this.#path, message, seconds === undefined ? undefined : seconds * 1000)
  }
}
