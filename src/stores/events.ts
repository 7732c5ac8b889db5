import type { ClusterEvent } from '#model/event.ts'

/** Which events. */
export interface EventQuery {
  readonly service?: string | undefined
  /** `since <= time < until`, ms since the epoch. */
  readonly sinceMs?: number | undefined
  readonly untilMs?: number | undefined
  readonly limit: number
}

/** What happened, kept and asked for again. */
export interface EventStore {
  write(events: readonly ClusterEvent[]): void
  /** Newest first. */
  events(query: EventQuery): readonly ClusterEvent[]
  /** Events let go to stay inside the budget, since the start. */
  readonly droppedEvents: number
}

export interface MemoryEventsOptions {
  readonly eventsMax?: number
  /** Of one service: one that starts again and again does not oust the others. */
  readonly perServiceMax?: number
}

/** Events in memory; lost at restart. */
export class MemoryEvents implements EventStore {
  droppedEvents = 0
  readonly #eventsMax: number
  readonly #perServiceMax: number
  /** Oldest first, whenever they came. */
  readonly #events: ClusterEvent[] = []
  readonly #counts = new Map<string, number>()

  constructor({ eventsMax = 5000, perServiceMax = 250 }: MemoryEventsOptions = {}) {
    this.#eventsMax = eventsMax
    this.#perServiceMax = perServiceMax
  }

  write(events: readonly ClusterEvent[]): void {
    for (const event of events) this.#add(event)
  }

  events({ service, sinceMs = -Infinity, untilMs = Infinity, limit }: EventQuery) {
    const found: ClusterEvent[] = []
    for (let i = this.#events.length - 1; i >= 0 && found.length < limit; i--) {
      const event = this.#events[i]
      if (event.timeMs < sinceMs) break
      const isMeant = service === undefined || event.service === service
      if (isMeant && event.timeMs < untilMs) found.push(event)
    }
    return found
  }

  #add(event: ClusterEvent): void {
    const { service, timeMs } = event
    const after = this.#events.findLastIndex(each => each.timeMs <= timeMs)
    this.#events.splice(after + 1, 0, event)
    const count = (this.#counts.get(service) ?? 0) + 1
    this.#counts.set(service, count)
    if (count > this.#perServiceMax) {
      this.#drop(this.#events.findIndex(each => each.service === service))
    }
    if (this.#events.length > this.#eventsMax) this.#drop(0)
  }

  #drop(at: number): void {
    const [{ service }] = this.#events.splice(at, 1)
    const count = (this.#counts.get(service) ?? 1) - 1
    if (count === 0) this.#counts.delete(service)
    else this.#counts.set(service, count)
    this.droppedEvents++
  }
}
