import { Backoff, pause } from '#lib/backoff.ts'
import type { Observer, Orchestrator } from '../orchestrator.ts'
import { addressOf, type DockerEnvironment, type EngineAddress } from './address.ts'
import { Connection, sweepMs } from './connection.ts'
import { Engine } from './engine.ts'
import { faultOf } from './fault.ts'
import { Roster } from './roster.ts'

export interface DockerOptions {
  /** Where `DOCKER_HOST`, `DOCKER_CERT_PATH` and `DOCKER_TLS_VERIFY` stand; the process's own by default. */
  readonly environment?: DockerEnvironment
  /** Where the node's proc file system is mounted. */
  readonly procRoot?: string
  /** How often the list of containers is compared, in milliseconds. */
  readonly sweepMs?: number
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number }
}

/** What was lost, cut or repeated since the start. */
export interface DockerCounters {
  readonly connections: number
  readonly events: number
  readonly malformedEvents: number
  readonly oversizedEvents: number
  /** Inspections that failed; the container stayed as it was. */
  readonly failedInspections: number
  readonly cutLabels: number
  readonly cutAddresses: number
  readonly cutPublished: number
  readonly cutMounts: number
  readonly cutContainers: number
}

export interface DockerOrchestrator extends Orchestrator {
  counters(): DockerCounters
}

const defaultBackoff = { firstMs: 250, maxMs: 10_000 }

/** The containers of this node's Docker Engine (20.10 and newer; older ones from 1.12 as far as they go). */
export function docker(options: DockerOptions = {}): DockerOrchestrator {
  const life = new Life(options)
  return {
    name: 'docker',
    watch: (observer, signal) => life.watch(observer, signal),
    counters: () => life.counters(),
  }
}

type Standing =
  | { readonly kind: 'never' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly sinceMs: number }

class Life {
  readonly #options: DockerOptions
  readonly #roster = new Roster()
  readonly #backoff: Backoff
  #connections = 0
  #events = 0
  #malformed = 0
  #oversized = 0
  #failures = 0
  #standing: Standing = { kind: 'never' }

  constructor(options: DockerOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff ?? defaultBackoff)
  }

  /** Connects, follows, loses, waits, for ever. What is known stays known until a new list says otherwise. */
  async watch(observer: Observer, signal: AbortSignal): Promise<void> {
    const address = this.#address(observer)
    if (address === undefined) return
    while (!signal.aborted) {
      const reason = await this.#connect(address, observer, signal)
      if (signal.aborted) return
      this.#tellLoss(observer, reason)
      await pause(this.#backoff.nextMs(), signal)
    }
  }

  counters(): DockerCounters {
    const { cuts } = this.#roster
    return {
      connections: this.#connections,
      events: this.#events,
      malformedEvents: this.#malformed,
      oversizedEvents: this.#oversized,
      failedInspections: this.#failures,
      cutLabels: cuts.labels,
      cutAddresses: cuts.addresses,
      cutPublished: cuts.published,
      cutMounts: cuts.mounts,
      cutContainers: cuts.containers,
    }
  }

  #address(observer: Observer): EngineAddress | undefined {
    try {
      return addressOf(this.#options.environment ?? process.env)
    } catch (error) {
      observer.status({ kind: 'absent', reason: (error as Error).message })
      return undefined
    }
  }

  /** One connection; answers why it ended. */
  async #connect(address: EngineAddress, observer: Observer, signal: AbortSignal): Promise<string> {
    let engine: Engine | undefined
    try {
      engine = new Engine(address)
      await this.#follow(engine, observer, signal)
      return 'the connection ended'
    } catch (error) {
      return faultOf(error, address)
    } finally {
      engine?.close()
    }
  }

  async #follow(engine: Engine, observer: Observer, signal: AbortSignal): Promise<void> {
    const pin = await engine.pin(signal)
    const connection = new Connection(engine, {
      observer,
      roster: this.#roster,
      procRoot: this.#options.procRoot ?? '/proc',
      sweepMs: this.#options.sweepMs ?? sweepMs,
      learned: () => this.#learned(observer, pin.release),
      signal,
    })
    this.#connections++
    try {
      await connection.run(pin.sinceSeconds)
    } finally {
      this.#count(connection)
    }
  }

  #learned(observer: Observer, version: string): void {
    this.#backoff.reset()
    this.#standing = { kind: 'connected' }
    observer.status({ kind: 'connected', version })
  }

  /** An engine that was never there is absent; one that was is lost, since it first went. */
  #tellLoss(observer: Observer, reason: string): void {
    if (this.#standing.kind === 'connected') this.#standing = { kind: 'lost', sinceMs: Date.now() }
    observer.status(
      this.#standing.kind === 'lost'
        ? { kind: 'lost', reason, sinceMs: this.#standing.sinceMs }
        : { kind: 'absent', reason },
    )
  }

  #count(connection: Connection): void {
    const { events, malformed, oversized } = connection.eventCounters()
    this.#events += events
    this.#malformed += malformed
    this.#oversized += oversized
    this.#failures += connection.failures
  }
}
