import { Backoff, pause } from '#lib/backoff.ts'
import { addressOf, type EngineAddress, formatAddress } from '../docker/address.ts'
import { Engine } from '../docker/engine.ts'
import { faultOf } from '../docker/fault.ts'
import type { DockerOptions } from '../docker/index.ts'
import type { Observer, Orchestrator, OrchestratorStatus } from '../orchestrator.ts'
import type { Cuts } from './instance.ts'
import { Manager, pollMs, sweepMs } from './manager.ts'
import { Picture } from './picture.ts'
import { readInfo, type SwarmInfo } from './shape.ts'

export interface SwarmOptions extends DockerOptions {
  /** How often the list of services is asked for, in milliseconds. */
  readonly pollMs?: number
  /** How often an engine that is no manager is asked whether it became one. */
  readonly lookAgainMs?: number
}

export interface SwarmOrchestrator extends Orchestrator {
  counters(): Readonly<Cuts>
}

const defaultBackoff = { firstMs: 250, maxMs: 10_000 }
const lookAgainMs = 15_000

/**
 * The services and tasks of a whole Docker Swarm, as a manager knows them. Every node's agent asks its own engine: where that is
 * no manager it says so, and looks again now and then, because nodes are promoted and demoted.
 */
export function swarm(options: SwarmOptions = {}): SwarmOrchestrator {
  const life = new Life(options)
  return {
    name: 'swarm',
    watch: (observer, signal) => life.watch(observer, signal),
    counters: () => life.counters(),
  }
}

/** How long to wait before the next attempt: it may come soon where something broke. */
type End = { readonly reason: string; readonly again: 'soon' | 'later' }

class Life {
  readonly #options: SwarmOptions
  readonly #picture = new Picture()
  readonly #backoff: Backoff
  /** Since when the manager is away; undefined while it is there, or before there was one. */
  #lostMs: number | undefined
  #wasManager = false
  /** It was the only manager of its swarm. */
  #isAlone = false
  #status = ''

  constructor(options: SwarmOptions) {
    this.#options = options
    this.#backoff = new Backoff(options.backoff ?? defaultBackoff)
  }

  /** Connects, follows, loses, waits, for ever. What is known stays known until a manager says otherwise. */
  async watch(observer: Observer, signal: AbortSignal): Promise<void> {
    this.#status = ''
    const address = this.#address(observer)
    if (address === undefined) return
    while (!signal.aborted) {
      const { reason, again } = await this.#connect(address, observer, signal)
      if (signal.aborted) return
      this.#tellLoss(observer, reason)
      const laterMs = this.#options.lookAgainMs ?? lookAgainMs
      await pause(again === 'soon' ? this.#backoff.nextMs() : laterMs, signal)
    }
  }

  counters(): Readonly<Cuts> {
    return this.#picture.cuts
  }

  #address(observer: Observer): EngineAddress | undefined {
    try {
      return addressOf(this.#options.environment ?? process.env)
    } catch (error) {
      this.#tell(observer, { kind: 'absent', reason: (error as Error).message })
      return undefined
    }
  }

  /** One connection; answers why it ended. */
  async #connect(address: EngineAddress, observer: Observer, signal: AbortSignal): Promise<End> {
    let engine: Engine | undefined
    try {
      engine = new Engine(address)
      const pin = await engine.pin(signal)
      const info = readInfo(await engine.answer('/info', signal))
      this.#notice(info, observer)
      if (!info.ControlAvailable) return { reason: whyNot(info, address), again: 'later' }
      const manager = new Manager(engine, {
        ...{ observer, signal, picture: this.#picture },
        pollMs: this.#options.pollMs ?? pollMs,
        sweepMs: this.#options.sweepMs ?? sweepMs,
        learned: () => this.#learned(observer, pin.release),
      })
      await manager.run(pin.sinceSeconds)
      return { reason: 'the connection ended', again: 'soon' }
    } catch (error) {
      return { reason: faultOf(error, address), again: 'soon' }
    } finally {
      engine?.close()
    }
  }

  /** Whose swarm it is. One that had this manager alone is no more when it left; others know of theirs. */
  #notice({ LocalNodeState, ControlAvailable, Cluster, Managers }: SwarmInfo, observer: Observer) {
    const { cluster } = this.#picture
    const isGone = LocalNodeState === 'inactive' && this.#isAlone
    if (cluster !== '' && (isGone || (ControlAvailable && Cluster.ID !== cluster))) {
      for (const group of this.#picture.close()) observer.changed(group)
      this.#wasManager = false
    }
    if (!ControlAvailable) return
    this.#picture.open(Cluster.ID)
    this.#isAlone = Managers === 1
  }

  #learned(observer: Observer, version: string): void {
    this.#backoff.reset()
    this.#wasManager = true
    this.#lostMs = undefined
    this.#tell(observer, { kind: 'connected', version })
  }

  /** A swarm of which nothing was ever known is absent; one that was is lost, since it first went. */
  #tellLoss(observer: Observer, reason: string): void {
    if (this.#wasManager) {
      this.#lostMs ??= Date.now()
      this.#tell(observer, { kind: 'lost', reason, sinceMs: this.#lostMs })
    } else this.#tell(observer, { kind: 'absent', reason })
  }

  /** The same is said once: most nodes are no managers, and stay so. */
  #tell(observer: Observer, status: OrchestratorStatus): void {
    const text = JSON.stringify(status)
    if (text === this.#status) return
    this.#status = text
    observer.status(status)
  }
}

/** Why an engine has no swarm to tell of, in a sentence for the operator. */
function whyNot(swarm: SwarmInfo, address: EngineAddress): string {
  const { LocalNodeState, NodeID } = swarm
  const where = `Docker at ${formatAddress(address)}`
  if (LocalNodeState === 'locked') return `${where}: its swarm is locked: docker swarm unlock`
  if (LocalNodeState === 'active') {
    return `${where} is a worker (${NodeID}): the managers of its swarm know the services`
  }
  if (swarm.Error !== '') return `${where}: its swarm is in error: ${swarm.Error.slice(0, 200)}`
  if (LocalNodeState === 'pending') return `${where} is about to join a swarm`
  return `${where} is in no swarm`
}
