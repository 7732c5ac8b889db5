import type { SwarmService } from './shape.ts'

/** How often services are asked for, at most and at least. */
export interface PaceLimits {
  readonly pollMs: number
  readonly sweepMs: number
}

/** In a swarm of more tasks everybody's are asked for as much more seldom: each answer is megabytes. */
const sweepTasksMax = 1000

interface Asked {
  readonly mark: string
  readonly atMs: number
  readonly waitMs: number
}

/**
 * Whose tasks to ask for. Tasks have no events, and thousands of them are megabytes: so only those are asked for whose service
 * changed, or counts other tasks than before, or is on the move; and now and then everybody's.
 */
export class Pace {
  readonly #limits: PaceLimits
  readonly #asked = new Map<string, Asked>()
  #sweepMs: number

  constructor(limits: PaceLimits) {
    this.#limits = limits
    this.#sweepMs = limits.sweepMs
  }

  /** Something happened to it. */
  poke(service: string): void {
    this.#asked.delete(service)
  }

  due(services: Iterable<SwarmService>, nowMs: number): SwarmService[] {
    return [...services].filter(service => {
      const asked = this.#asked.get(service.ID)
      if (asked === undefined || asked.mark !== markOf(service)) return true
      // Engines before API 1.41 do not count tasks.
      const waitMs = service.ServiceStatus ? asked.waitMs : this.#limits.pollMs
      return nowMs - asked.atMs >= waitMs
    })
  }

  /** Its tasks were told. Nothing is in sight that would change them when they are `settled`. */
  answered(service: SwarmService, how: 'changed' | 'moving' | 'settled', nowMs: number): void {
    const { pollMs, sweepMs } = this.#limits
    const before = this.#asked.get(service.ID)?.waitMs ?? pollMs
    const longer = Math.min(before * 2, sweepMs)
    const waitMs = how === 'settled' ? this.#sweepMs : how === 'changed' ? pollMs : longer
    this.#asked.set(service.ID, { mark: markOf(service), atMs: nowMs, waitMs })
  }

  /** Forgets services that are no more; those that are have so many tasks. */
  keep(services: ReadonlySet<string>, tasks: number): void {
    this.#sweepMs = this.#limits.sweepMs * Math.max(1, tasks / sweepTasksMax)
    for (const id of this.#asked.keys()) if (!services.has(id)) this.#asked.delete(id)
  }
}

/** What a list of services tells of their tasks. */
export function markOf({ Version, UpdateStatus, ServiceStatus }: SwarmService): string {
  const { RunningTasks, DesiredTasks, CompletedTasks } = ServiceStatus ?? {}
  return [Version.Index, UpdateStatus.State, RunningTasks, DesiredTasks, CompletedTasks].join(' ')
}
