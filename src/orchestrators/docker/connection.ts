import { pause } from '#lib/backoff.ts'
import type { Network } from '#model/network.ts'
import type { Observer } from '../orchestrator.ts'
import { Balancers } from './balancers.ts'
import { type Engine, parallelMax } from './engine.ts'
import { type Change, changeOf, type EventCounters, EventReader, eventFilters } from './events.ts'
import { addBalancers, addGateways, meetingBridge, meshOf, networksOf } from './networks.ts'
import type { Roster } from './roster.ts'
import { sandboxOf } from './sandbox.ts'
import type { Inspected } from './shape.ts'

/** Events come in rows (create, connect, start): waiting a little makes one look of them. */
const gatherMs = 50
/** Between two looks: bounds the cost of a container that restarts in a loop. */
const restMs = 100
/** A list now and then finds what an event did not tell, and a connection that died without a word. */
export const sweepMs = 30_000
/** A container that could not be inspected is tried again so many times, then at the next sweep. */
const triesMax = 3

/** The routing mesh gets its balancer a moment after its networks, and no event tells: so often it is looked for. */
const meshMs = 1000
const meshTriesMax = 10

/** What a connection needs to know of the world. */
export interface Surroundings {
  readonly observer: Observer
  readonly roster: Roster
  readonly procRoot: string
  readonly sweepMs: number
  /** Everything was told once; from now on only changes are. */
  readonly learned: () => void
  readonly signal: AbortSignal
}

/** One connection to an engine: everything first, then what changes, until it breaks. */
export class Connection {
  readonly #engine: Engine
  readonly #around: Surroundings
  readonly #ended = new AbortController()
  readonly #signal: AbortSignal
  readonly #reader = new EventReader(changeOf, change => this.#note(change))
  readonly #dirty = new Map<string, number>()
  /** Running containers as last inspected, for the gateways they use. */
  readonly #attached = new Map<string, Inspected>()
  readonly #balancers = new Balancers()
  /** Networks that containers came to or left: their balancers come and go with them. */
  readonly #moved = new Set<string>()
  /** Networks of the routing mesh, and how often more its balancer is looked for on those that have none yet. */
  #mesh: readonly string[] = []
  #meshTries = 0
  #toldNetworks = ''
  #networksDirty = false
  #networks: readonly Network[] = []
  #wake: () => void = () => {}
  failures = 0

  constructor(engine: Engine, around: Surroundings) {
    this.#engine = engine
    this.#around = around
    this.#signal = AbortSignal.any([around.signal, this.#ended.signal])
  }

  eventCounters(): EventCounters {
    return this.#reader.counters()
  }

  /** Runs until the signal aborts or the engine is lost; then it throws the reason. */
  async run(sinceSeconds: number): Promise<void> {
    try {
      await Promise.race([this.#follow(sinceSeconds), this.#learn()])
    } finally {
      this.#ended.abort()
    }
  }

  /** Everything, then changes, for ever. */
  async #learn(): Promise<void> {
    await this.#resync()
    this.#around.learned()
    let sweepAt = performance.now() + this.#around.sweepMs
    while (!this.#signal.aborted) {
      const bare = this.#bareMesh()
      const waitMs = bare.length > 0 ? meshMs : Number.POSITIVE_INFINITY
      await this.#waitForChange(Math.min(sweepAt - performance.now(), waitMs))
      for (const id of bare) this.#moved.add(id)
      if (performance.now() >= sweepAt) {
        await this.#sweep()
        sweepAt = performance.now() + this.#around.sweepMs
      }
      await this.#look()
      await pause(restMs, this.#signal)
    }
  }

  /** Reads events; ends with an error when there are no more. */
  async #follow(sinceSeconds: number): Promise<void> {
    const stream = await this.#engine.events(eventFilters, sinceSeconds, this.#signal)
    for await (const chunk of stream) this.#reader.read(chunk as Buffer)
    throw new Error('it closed the event stream')
  }

  /** What ran and runs no more is dropped only by a complete list: never by an error. */
  async #resync(): Promise<void> {
    const { roster, observer } = this.#around
    await this.#listNetworks()
    const running = new Set((await this.#engine.containers(this.#signal)).map(line => line.Id))
    for (const id of roster.ids()) if (!running.has(id)) roster.delete(id)
    await this.#inspect([...running])
    await this.#findBalancers()
    this.#tellNetworks()
    observer.all(roster.all())
  }

  async #sweep(): Promise<void> {
    const { roster } = this.#around
    const listed = new Map(
      (await this.#engine.containers(this.#signal)).map(line => [line.Id, line.State]),
    )
    for (const [id, state] of listed) if (roster.stateOf(id) !== state) this.#dirty.set(id, 0)
    for (const id of roster.ids()) if (!listed.has(id)) this.#dirty.set(id, 0)
    for (const container of this.#attached.values()) this.#noteMoved(container)
    this.#networksDirty = true
  }

  async #look(): Promise<void> {
    const ids = [...this.#dirty.keys()]
    const networksDirty = this.#networksDirty
    this.#networksDirty = false
    if (ids.length === 0 && !networksDirty && this.#moved.size === 0) return
    if (networksDirty) await this.#listNetworks()
    await this.#inspect(ids)
    await this.#findBalancers()
    this.#tellNetworks()
    for (const group of this.#around.roster.changes()) this.#around.observer.changed(group)
  }

  async #inspect(ids: readonly string[]): Promise<void> {
    const waiting = [...ids]
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await this.#inspectOne(id)
    }
    await Promise.all(Array.from({ length: Math.min(parallelMax, ids.length) }, work))
    this.#signal.throwIfAborted()
  }

  /** On an error the container stays as it was, and is looked at again. */
  async #inspectOne(id: string): Promise<void> {
    const { roster, procRoot } = this.#around
    const tries = this.#dirty.get(id) ?? 0
    this.#dirty.delete(id)
    try {
      const container = await this.#engine.inspect(id, this.#signal)
      if (container === 'gone') {
        roster.delete(id)
        this.#detach(id)
        return
      }
      roster.put(container, sandboxOf(procRoot, container, this.#networks))
      if (!container.State.Running) return this.#detach(id)
      this.#attached.set(id, container)
      this.#noteMoved(container)
    } catch (error) {
      if (this.#signal.aborted) throw error
      this.failures++
      if (tries + 1 < triesMax) this.#dirty.set(id, tries + 1)
    }
  }

  #detach(id: string): void {
    const container = this.#attached.get(id)
    if (container) this.#noteMoved(container)
    this.#attached.delete(id)
  }

  #noteMoved({ NetworkSettings }: Inspected): void {
    for (const { NetworkID } of Object.values(NetworkSettings.Networks)) this.#moved.add(NetworkID)
  }

  async #listNetworks(): Promise<void> {
    const listed = await this.#engine.networks(this.#signal)
    this.#networks = networksOf(listed)
    this.#mesh = meshOf(listed)
    this.#meshTries = meshTriesMax
    // It has a balancer on every node, tasks or not.
    for (const id of this.#mesh) this.#moved.add(id)
  }

  /** Networks of the mesh on which no balancer is known, to be looked at again, for a while. */
  #bareMesh(): readonly string[] {
    const known = this.#balancers.known
    const bare = this.#mesh.filter(id => (known.get(id) ?? []).length === 0)
    if (bare.length === 0 || this.#meshTries === 0) return []
    this.#meshTries--
    return bare
  }

  async #findBalancers(): Promise<void> {
    const isListed = (id: string) => this.#networks.some(network => network.id === id)
    if ([...this.#moved].some(id => !isListed(id))) await this.#listNetworks()
    const balanced = this.#networks.filter(
      ({ isShared, name }) => isShared || name === meetingBridge,
    )
    const ids = new Set(balanced.map(({ id }) => id))
    const moved = [...this.#moved].filter(id => ids.has(id))
    this.#moved.clear()
    this.#balancers.keep(ids)
    await this.#balancers.look(this.#engine, moved, this.#signal)
  }

  #tellNetworks(): void {
    const known = addBalancers(this.#networks, this.#balancers.known)
    const networks = addGateways(known, this.#attached.values())
    const text = JSON.stringify(networks)
    if (text === this.#toldNetworks) return
    this.#toldNetworks = text
    this.#around.observer.networks?.(networks)
  }

  #note(change: Change): void {
    for (const id of change.containers) this.#dirty.set(id, 0)
    if (change.networks) this.#networksDirty = true
    this.#wake()
  }

  async #waitForChange(ms: number): Promise<void> {
    if (this.#dirty.size === 0 && !this.#networksDirty) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await pause(Math.max(0, ms), AbortSignal.any([woken.signal, this.#signal]))
      this.#wake = () => {}
    }
    await pause(gatherMs, this.#signal)
  }
}
