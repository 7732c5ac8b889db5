import { type Engine, parallelMax } from './engine.ts'
import { balancersOf } from './networks.ts'

/** Shared networks whose balancers are asked for: a node is on a few. */
const networksMax = 256

/** This node's load balancers, by network: only the inspection of a network tells them, so they are asked for seldom. */
export class Balancers {
  /** Inspections that failed; what was known stays. */
  failures = 0
  readonly #known = new Map<string, readonly string[]>()

  get known(): ReadonlyMap<string, readonly string[]> {
    return this.#known
  }

  /** Asks anew for those of these networks. */
  async look(engine: Engine, networks: Iterable<string>, signal: AbortSignal): Promise<void> {
    const waiting = [...networks].slice(0, networksMax)
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        await this.#lookAt(engine, id, signal)
      }
    }
    await Promise.all(Array.from({ length: Math.min(parallelMax, waiting.length) }, work))
    signal.throwIfAborted()
  }

  /** Forgets those of networks that are no more. */
  keep(networks: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!networks.has(id)) this.#known.delete(id)
  }

  async #lookAt(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
    try {
      const network = await engine.network(id, signal)
      if (network === 'gone') this.#known.delete(id)
      else this.#known.set(id, balancersOf(network))
    } catch (error) {
      if (signal.aborted) throw error
      this.failures++
    }
  }
}
