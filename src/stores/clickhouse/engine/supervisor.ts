import { Backoff, pause } from '#lib/backoff.ts'
import { messageOf } from '#lib/fault.ts'
import { formatBytes } from '#lib/figures.ts'
import { type ClickHouse, openClickHouse } from '../client.ts'
import { findChdb } from './chdb.ts'
import { type EngineLimits, limitsDefault } from './limits.ts'
import { leave, makeFolders, type Place, placeIn, putAside } from './place.ts'
import { refusalOf } from './refusal.ts'
import { type Ended, Spawned } from './spawned.ts'
import type { BrokenParts, EngineNews } from './told.ts'

/** Whether there is an engine to be asked. */
export type EngineState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly version: string }
  /** Why, in a sentence; a final one is not tried again. */
  | { readonly kind: 'down'; readonly reason: string; readonly isFinal: boolean }

/** Which store's engine, and who hears of it. */
export interface EngineOptions {
  /** Of this store alone; made when it is not there. */
  readonly folder: string
  readonly limits?: Partial<EngineLimits>
  readonly pace?: Partial<EnginePace>
  /** Hears each change of its state. */
  told?(state: EngineState): void
  /** Hears, in a sentence, what of the store is gone. */
  lost?(text: string): void
}

/** How an engine is looked after. */
export interface EnginePace {
  /** An engine that has not opened its folder by then hangs. */
  readonly startMs: number
  /** Between two looks; a look without an answer for as long is missed. */
  readonly lookMs: number
  readonly missedMax: number
  /** The pause before it is started again; it grows until one has lived for `stableMs`. */
  readonly firstMs: number
  readonly maxMs: number
  readonly stableMs: number
  /** What runs when it is stopped may take this long to end. */
  readonly stopMs: number
}

const paceDefault: EnginePace = {
  startMs: 60_000,
  lookMs: 2000,
  missedMax: 3,
  firstMs: 200,
  maxMs: 30_000,
  stableMs: 60_000,
  stopMs: 10_000,
}

/** Why one run of the engine came to its end. */
interface End {
  readonly reason: string
  readonly isFinal?: boolean
}

/** A folder that cannot be read may be read the next time: once it is tried again. */
const brokenMax = 2

/**
 * The embedded engine, in a process of its own: started, looked at, ended when it hangs or takes too much, started again.
 * Nothing it does blocks or ends this one. It ends with this process, however that ends.
 */
export class Engine {
  readonly #options: EngineOptions
  readonly #limits: EngineLimits
  readonly #pace: EnginePace
  readonly #place: Place
  readonly #client: ClickHouse
  readonly #stopping = new AbortController()
  readonly #backoff: Backoff
  readonly #living: Promise<void>
  #state: EngineState = { kind: 'starting' }
  #spawned: Spawned | undefined
  readonly #changed: (() => void)[] = []
  /** Times in a row that its folder could not be read. */
  #broken = 0

  constructor(options: EngineOptions) {
    this.#options = options
    this.#limits = { ...limitsDefault, ...options.limits }
    this.#pace = { ...paceDefault, ...options.pace }
    this.#place = placeIn(options.folder)
    this.#client = openClickHouse({ socketPath: this.socketPath })
    this.#backoff = new Backoff(this.#pace)
    this.#living = this.#live()
  }

  get state(): EngineState {
    return this.#state
  }

  /** Where it speaks ClickHouse's HTTP while it is ready. */
  get socketPath(): string {
    return this.#place.socketPath
  }

  /** Of its process, while there is one. */
  get pid(): number | undefined {
    return this.#spawned?.over.aborted ? undefined : this.#spawned?.pid
  }

  /** Resolves when it is ready, or down for good. */
  async settled(): Promise<EngineState> {
    while (this.#state.kind === 'starting' || (this.#state.kind === 'down' && !this.#state.isFinal))
      await new Promise<void>(resolve => this.#changed.push(resolve))
    return this.#state
  }

  /** Ends it, once what runs is done. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#living
    this.#tell({ kind: 'down', reason: 'The engine was stopped', isFinal: true })
    await this.#client.close()
    await leave(this.#place)
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping
    for (;;) {
      const { reason, isFinal = false } = await this.#run().catch(failed)
      if (signal.aborted) return
      this.#tell({ kind: 'down', reason, isFinal })
      if (isFinal) return
      await pause(this.#backoff.nextMs(), signal)
      if (signal.aborted) return
      this.#tell({ kind: 'starting' })
    }
  }

  /** From its start to its end. */
  async #run(): Promise<End> {
    const found = findChdb()
    if ('refusal' in found) return { reason: found.refusal, isFinal: true }
    const unusable = await makeFolders(this.#place)
    if (unusable) return { reason: unusable }
    const spawned = new Spawned({ ...this.#place, limits: this.#limits })
    this.#spawned = spawned
    const news = await this.#newsOf(spawned)
    if (news?.type === 'ready') return this.#watch(spawned, news)
    const isLate = !spawned.over.aborted && news === undefined
    if (isLate) spawned.kill()
    return this.#refused(news, await spawned.ended, isLate)
  }

  /** Undefined when it ended without a word, did not begin in time, or need not any more. */
  async #newsOf(spawned: Spawned): Promise<EngineNews | undefined> {
    const enough = AbortSignal.any([this.#stopping.signal, spawned.over])
    const late = pause(this.#pace.startMs, enough).then(() => undefined)
    return Promise.race([spawned.news, late])
  }

  async #refused(news: EngineNews | undefined, ended: Ended, isLate: boolean): Promise<End> {
    const { folder } = this.#options
    if (news?.type === 'absent') return { reason: news.words, isFinal: true }
    if (isLate) return { reason: `The engine did not open ${folder} in time` }
    if (news === undefined) return { reason: endOf(ended) }
    const { kind, words } = refusalOf(ended.stderr, folder)
    if (kind !== 'broken') return { reason: words }
    if (++this.#broken < brokenMax) return { reason: `${folder} cannot be read (${words})` }
    this.#broken = 0
    const aside = await putAside(this.#place, new Date())
    this.#lose(
      `The store could not be read and begins anew; what it held is in ${aside} (${words})`,
    )
    return { reason: `${folder} could not be read` }
  }

  /** Looks at one that is ready, until it ends. */
  async #watch(spawned: Spawned, news: EngineNews & { type: 'ready' }): Promise<End> {
    const startedMs = performance.now()
    this.#broken = 0
    for (const each of news.broken) this.#lose(lossOf(each))
    this.#tell({ kind: 'ready', version: news.version })
    const trouble = await this.#look(spawned)
    if (this.#stopping.signal.aborted) await this.#end(spawned)
    else spawned.kill()
    const ended = await spawned.ended
    if (performance.now() - startedMs >= this.#pace.stableMs) this.#backoff.reset()
    return { reason: trouble ?? endOf(ended) }
  }

  /** Answers why it is to be ended; undefined when it has ended, or is to for our sake. */
  async #look(spawned: Spawned): Promise<string | undefined> {
    const { lookMs, missedMax } = this.#pace
    const { privateBytesMax } = this.#limits
    const enough = AbortSignal.any([this.#stopping.signal, spawned.over])
    for (let missed = 0; missed < missedMax; ) {
      await pause(lookMs, enough)
      if (enough.aborted) return undefined
      const bytes = (await spawned.privateBytes()) ?? 0
      if (bytes > privateBytesMax) {
        return `The engine took ${formatBytes(bytes)} of memory, more than ${formatBytes(privateBytesMax)}`
      }
      const within = AbortSignal.any([enough, AbortSignal.timeout(lookMs)])
      missed = (await this.#client.ping(within)) ? 0 : missed + 1
    }
    return `The engine did not answer ${missedMax} times`
  }

  async #end(spawned: Spawned): Promise<void> {
    spawned.stop()
    await pause(this.#pace.stopMs, spawned.over)
    spawned.kill()
  }

  #tell(state: EngineState): void {
    this.#state = state
    this.#options.told?.(state)
    for (const heard of this.#changed.splice(0)) heard()
  }

  #lose(text: string): void {
    this.#options.lost?.(text)
  }
}

const failed = (error: unknown): End => ({
  reason: `The engine was not started (${messageOf(error)})`,
})

function endOf({ code, signal, stderr }: Ended): string {
  const how = signal ?? (code === null ? 'not started' : `exit code ${code}`)
  const last = stderr.trim().split('\n').at(-1)
  return `The engine ended (${last ? `${how}: ${last}` : how})`
}

function lossOf({ table, parts, bytes }: BrokenParts): string {
  const what = parts === 1 ? '1 part' : `${parts} parts`
  return `${what} of ${table} (${formatBytes(bytes)}) could not be read and is left out`
}
