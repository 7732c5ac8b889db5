import { type ClusterEvent, eventsBetween } from '#model/event.ts'
import { instanceKey, isGone, type ServiceGroup } from '#model/service.ts'

/** Who tells what: an orchestrator of a node or of a cluster. */
export interface Telling {
  readonly teller: string
  /** These are all groups of that teller. */
  readonly isAll: boolean
  /** With their services as they are called outside of their cluster. */
  readonly groups: readonly ServiceGroup[]
  readonly nowMs: number
}

/** A service that is changing. */
interface Pending {
  readonly before: ServiceGroup | undefined
  readonly firstMs: number
  lastMs: number
  /** When instances went, by their keys. */
  readonly goneMs: Map<string, number>
}

interface Teller {
  /** Ids of its services. */
  readonly services: Set<string>
  /** When it told all for the first time. */
  readonly sinceMs: number
}

/** A service is looked at when nothing was told of it for this long; one that is gone later: it may be replaced. */
const quietMs = 4000
const goneQuietMs = 10_000
/** It is looked at at the latest this long after it began to change. */
const heldMaxMs = 15_000
/** The processes of a machine are found one after the other, as they speak. */
const processesMs = 60_000
/** Services of processes that are told of once. */
const processesMax = 10_000

/**
 * What happens to services, found by comparing what is told before and after. A teller's first list is no news, nor is
 * what goes with a teller that is forgotten: a server that starts, or an agent that comes back, is no flood of events.
 */
export class Changes {
  readonly #groupOf: (service: string) => ServiceGroup | undefined
  readonly #write: (events: readonly ClusterEvent[]) => void
  readonly #tellers = new Map<string, Teller>()
  readonly #pending = new Map<string, Pending>()
  readonly #processes = new Set<string>()

  /** `groupOf`: a service as all who tell of it together know it now. */
  constructor(
    groupOf: (service: string) => ServiceGroup | undefined,
    write: (events: readonly ClusterEvent[]) => void,
  ) {
    this.#groupOf = groupOf
    this.#write = write
  }

  /** `apply` makes what is told known: how it was before is looked at before that. */
  during(telling: Telling, apply: () => void): void {
    const { teller: name, isAll, groups, nowMs } = telling
    const teller = this.#tellers.get(name)
    const ids = groups.filter(({ service }) => service.kind !== 'process')
    const touched = new Set(ids.map(({ service }) => service.id))
    const isNews = teller !== undefined
    if (isAll && teller) for (const id of teller.services) touched.add(id)
    const before = isNews ? [...touched].map(id => [id, this.#groupOf(id)] as const) : []
    apply()
    for (const [id, group] of before) this.#touch(id, group, nowMs)
    this.#hearProcesses(groups, teller, nowMs)
    if (isAll) this.#tellers.set(name, { services: new Set(), sinceMs: teller?.sinceMs ?? nowMs })
    const { services } = this.#tellers.get(name) ?? {}
    for (const group of ids) {
      if (isGone(group)) services?.delete(group.service.id)
      else services?.add(group.service.id)
    }
  }

  /** What this teller told is no longer told by anybody: nobody knows what became of it. */
  forget(teller: string): void {
    this.#tellers.delete(teller)
  }

  /** Tells of the services that have settled; call it each second. */
  settle(nowMs: number): void {
    for (const [id, pending] of this.#pending) {
      const { before, firstMs, lastMs, goneMs } = pending
      const after = this.#groupOf(id)
      const heldMs = after ? quietMs : goneQuietMs
      if (nowMs < lastMs + heldMs && nowMs < firstMs + heldMaxMs) continue
      this.#pending.delete(id)
      const events = eventsBetween(before, after, { atMs: lastMs, goneMs })
      if (events.length > 0) this.#write(events)
    }
  }

  #touch(id: string, before: ServiceGroup | undefined, nowMs: number): void {
    const after = this.#groupOf(id)
    if (before === after) return
    const pending = this.#pending.get(id) ?? {
      ...{ before, firstMs: nowMs, lastMs: nowMs },
      goneMs: new Map<string, number>(),
    }
    pending.lastMs = nowMs
    this.#pending.set(id, pending)
    const present = new Set((after?.instances ?? []).map(instanceKey))
    for (const instance of before?.instances ?? []) {
      const key = instanceKey(instance)
      if (!present.has(key)) pending.goneMs.set(key, nowMs)
    }
  }

  /** A process that speaks for the first time. Of its going nothing is said. */
  #hearProcesses(groups: readonly ServiceGroup[], teller: Teller | undefined, nowMs: number): void {
    const isNews = teller !== undefined && nowMs > teller.sinceMs + processesMs
    for (const { service, instances } of groups) {
      const { id, kind } = service
      if (kind !== 'process' || instances.length === 0 || this.#processes.has(id)) continue
      if (this.#processes.size >= processesMax) return
      this.#processes.add(id)
      if (isNews) this.#touch(id, undefined, nowMs)
    }
  }
}
