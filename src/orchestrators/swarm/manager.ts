import { pause } from '#lib/backoff.ts'
import { type Engine, formatFilters, Refusal } from '../docker/engine.ts'
import { EventReader } from '../docker/events.ts'
import { readNetworks } from '../docker/shape.ts'
import type { Observer } from '../orchestrator.ts'
import { changeOf, eventFilters, type SwarmChange } from './changes.ts'
import { isAlive } from './instance.ts'
import { Pace } from './pace.ts'
import type { Picture } from './picture.ts'
import { readNodes, readServices, readTasks, type SwarmService, type SwarmTask } from './shape.ts'

/** The list of services, which counts their tasks, is asked for so often. */
export const pollMs = 2_000
/** Everything is asked for so often, whatever nobody told. */
export const sweepMs = 30_000
/** Events come in rows: waiting a little makes one look of them. */
const gatherMs = 50
/**
 * Between two looks at least this times what the last one took, up to so many polls: a large swarm, or a manager under load,
 * is not asked all the time.
 */
const restFactor = 100
const restPollsMax = 10
/** And this, when something happened. */
const hurryFactor = 4
/** Tasks expected in one answer, and services asked for in one question. */
const batchTasksMax = 500
const batchServicesMax = 50
const batchIdsMax = 100
/** Tasks that are meant to be, and those of jobs, which are meant to end. What was before them stays out. */
const meant = ['ready', 'running', 'complete']

/** What a manager needs to know of the world. */
export interface Surroundings {
  readonly observer: Observer
  readonly picture: Picture
  readonly pollMs: number
  readonly sweepMs: number
  /** Everything was told once; from now on only changes are. */
  readonly learned: () => void
  readonly signal: AbortSignal
}

/** One connection to a manager: everything first, then what changes, until it breaks. */
export class Manager {
  readonly #engine: Engine
  readonly #around: Surroundings
  readonly #ended = new AbortController()
  readonly #signal: AbortSignal
  readonly #pace: Pace
  readonly #reader = new EventReader(changeOf, change => this.#note(change))
  #isHurried = false
  #nodesDirty = true
  #networksDirty = true
  #sweptMs = Number.NEGATIVE_INFINITY
  #wake: () => void = () => {}

  constructor(engine: Engine, around: Surroundings) {
    this.#engine = engine
    this.#around = around
    this.#signal = AbortSignal.any([around.signal, this.#ended.signal])
    this.#pace = new Pace(around)
  }

  /** Runs until the signal aborts or the manager is lost, or is none any more; then it throws the reason. */
  async run(sinceSeconds: number): Promise<void> {
    try {
      await Promise.race([this.#follow(sinceSeconds), this.#learn()])
    } finally {
      this.#ended.abort()
    }
  }

  /** Everything, then changes, for ever. */
  async #learn(): Promise<void> {
    const { observer, picture } = this.#around
    let tookMs = await this.#timed(() => this.#look())
    observer.all(picture.all())
    this.#around.learned()
    while (!this.#signal.aborted) {
      await this.#rest(tookMs)
      tookMs = await this.#timed(() => this.#look())
      for (const group of picture.changes()) observer.changed(group)
    }
  }

  /** Reads events; ends with an error when there are no more. */
  async #follow(sinceSeconds: number): Promise<void> {
    const stream = await this.#engine.events(eventFilters, sinceSeconds, this.#signal)
    for await (const chunk of stream) this.#reader.read(chunk as Buffer)
    throw new Error('it closed the event stream')
  }

  async #look(): Promise<void> {
    const { picture } = this.#around
    this.#isHurried = false
    if (performance.now() - this.#sweptMs >= this.#around.sweepMs) {
      this.#sweptMs = performance.now()
      this.#nodesDirty = true
      this.#networksDirty = true
    }
    await this.#lookAround()
    picture.putServices(readServices(await this.#list('/services?status=true')))
    this.#pace.keep(new Set(picture.services().keys()), picture.taskCount())
    const due = this.#pace.due(picture.services().values(), performance.now())
    for (const batch of batchesOf(due, service => expected(service, picture))) {
      await this.#lookAtTasks(batch)
    }
  }

  /** What changes seldom. What an error leaves unknown is asked for again. */
  async #lookAround(): Promise<void> {
    const { picture } = this.#around
    if (this.#nodesDirty) {
      picture.putNodes(readNodes(await this.#list('/nodes')))
      this.#nodesDirty = false
    }
    if (this.#networksDirty) {
      picture.putNetworks(readNetworks(await this.#list('/networks')))
      this.#networksDirty = false
    }
  }

  async #lookAtTasks(services: readonly SwarmService[]): Promise<void> {
    const { picture } = this.#around
    const filters = { service: services.map(({ ID }) => ID), 'desired-state': meant }
    const told = await this.#tasks(filters)
    if (told === 'gone') return
    const known = new Set(told.map(({ ID }) => ID))
    const before = services.flatMap(({ ID }) => picture.tasksOf(ID))
    const tasks = [...told, ...(await this.#ending(before.filter(({ ID }) => !known.has(ID))))]
    const nowMs = performance.now()
    for (const service of services) {
      const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID)
      const isChanged = picture.putTasks(service, own.filter(isMeantOrAlive))
      const isMoving = picture.isMoving(service)
      this.#pace.answered(service, isMoving ? (isChanged ? 'changed' : 'moving') : 'settled', nowMs)
    }
  }

  /** Of tasks that are no longer meant to be, those that run still: until they end, what they hold is theirs. */
  async #ending(tasks: readonly SwarmTask[]): Promise<SwarmTask[]> {
    const ids = tasks.filter(isAlive).map(({ ID }) => ID)
    const ending: SwarmTask[] = []
    for (let i = 0; i < ids.length; i += batchIdsMax) {
      const told = await this.#tasks({ id: ids.slice(i, i + batchIdsMax) })
      if (told !== 'gone') ending.push(...told.filter(isAlive))
    }
    return ending
  }

  /** `gone` when one of the services asked for is no more: the next list of services tells which. */
  async #tasks(
    filters: Readonly<Record<string, readonly string[]>>,
  ): Promise<SwarmTask[] | 'gone'> {
    try {
      return readTasks(await this.#list(`/tasks?filters=${formatFilters(filters)}`))
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error
      this.#isHurried = true
      return 'gone'
    }
  }

  #list(path: string): Promise<readonly unknown[]> {
    return this.#engine.list(path, this.#signal)
  }

  #note(change: SwarmChange): void {
    if (change.service !== undefined) this.#pace.poke(change.service)
    this.#nodesDirty ||= change.nodes
    this.#networksDirty ||= change.networks
    this.#isHurried = true
    this.#wake()
  }

  /** Until the next poll, or something happened; in proportion to what the last look took. */
  async #rest(tookMs: number): Promise<void> {
    const { pollMs } = this.#around
    const longMs = Math.max(pollMs, Math.min(tookMs * restFactor, pollMs * restPollsMax))
    const shortMs = Math.min(gatherMs + tookMs * hurryFactor, longMs)
    if (!this.#isHurried) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await pause(longMs - shortMs, AbortSignal.any([woken.signal, this.#signal]))
      this.#wake = () => {}
    }
    await pause(shortMs, this.#signal)
  }

  async #timed(work: () => Promise<void>): Promise<number> {
    const startMs = performance.now()
    await work()
    return performance.now() - startMs
  }
}

/** Those that will not run again are nobody's concern, but for the reason why a service does not. */
function isMeantOrAlive(task: SwarmTask): boolean {
  return isAlive(task) || task.DesiredState === 'running'
}

/** How many tasks an answer about it will hold. */
function expected({ ID, ServiceStatus }: SwarmService, picture: Picture): number {
  const { DesiredTasks = 0, CompletedTasks = 0 } = ServiceStatus ?? {}
  return Math.max(DesiredTasks + CompletedTasks, picture.tasksOf(ID).length, 1)
}

/** In rows that give answers of a bearable length. */
function* batchesOf(services: readonly SwarmService[], countOf: (service: SwarmService) => number) {
  let batch: SwarmService[] = []
  let count = 0
  for (const service of services) {
    const more = countOf(service)
    if (batch.length >= batchServicesMax || (batch.length > 0 && count + more > batchTasksMax)) {
      yield batch
      batch = []
      count = 0
    }
    batch.push(service)
    count += more
  }
  if (batch.length > 0) yield batch
}
