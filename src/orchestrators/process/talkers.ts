import type { Instance, Service, ServiceGroup } from '#model/service.ts'
import { bootMs, type Identity, startOf } from './identity.ts'

/** Names come from whoever starts processes: so many services, the rest is one. */
const servicesMax = 256
/** Processes told one by one; a script that starts a hundred curls a second makes one instance, not a hundred. */
const instancesMax = 32
/** A process that ended is still told for so long: what it said may be counted later. */
const graceMs = 60_000
/** A brief instance nobody asked for in so long is forgotten. */
const briefMs = 300_000
const msPerTick = 10
const others = 'other processes'

interface Talker {
  readonly instance: Instance
  readonly identity: Identity | undefined
  /** When it was last asked for, or, once it ended, when that was found. */
  lastMs: number
  ended: boolean
}

/** The host processes that talk, as services named after them: those that listen, and those asked for. */
export class Talkers {
  readonly #procRoot: string
  readonly #bootMs: number
  readonly #services = new Map<string, Map<string, Talker>>()
  readonly #changed = new Set<string>()
  /** Processes that were told under a common name because there were too many. */
  folded = 0

  constructor(procRoot: string) {
    this.#procRoot = procRoot
    this.#bootMs = bootMs(procRoot)
  }

  /** The instance of a process: its own, or the common one of its name when there are too many. */
  instanceOf(identity: Identity, nowMs: number): string {
    const id = `process:${identity.pid}:${identity.startTicks}`
    const talkers = this.#talkers(identity.name)
    const known = talkers.get(id)
    if (known !== undefined) {
      if (!known.ended) known.lastMs = nowMs
      return id
    }
    if (talkers.size >= instancesMax) {
      this.folded++
      return this.briefOf(identity.name, nowMs)
    }
    talkers.set(id, {
      instance: this.#instance(id, identity),
      identity,
      lastMs: nowMs,
      ended: false,
    })
    this.#changed.add(this.#serviceName(identity.name))
    return id
  }

  /** The instance for all processes of a name that were gone before they could be looked at. */
  briefOf(name: string, nowMs: number): string {
    const talkers = this.#talkers(name)
    const serviceName = this.#serviceName(name)
    const id = `process:brief:${serviceName}`
    const known = talkers.get(id)
    if (known !== undefined) {
      known.lastMs = nowMs
      return id
    }
    const instance = instanceNamed(id, serviceName, nowMs)
    talkers.set(id, { instance, identity: undefined, lastMs: nowMs, ended: false })
    this.#changed.add(serviceName)
    return id
  }

  groups(): readonly ServiceGroup[] {
    this.#changed.clear()
    return [...this.#services.keys()].map(name => this.#group(name))
  }

  /** Groups changed since they were last told, whole. */
  changes(): readonly ServiceGroup[] {
    const groups = [...this.#changed].map(name => this.#group(name))
    this.#changed.clear()
    return groups
  }

  /** Processes to ask first when a socket's owner is sought. */
  *pids(): Iterable<number> {
    for (const talkers of this.#services.values()) {
      for (const { identity, ended } of talkers.values()) if (identity && !ended) yield identity.pid
    }
  }

  /** Finds who ended, and forgets who ended long ago. */
  sweep(nowMs: number): void {
    for (const [name, talkers] of this.#services) {
      for (const [id, talker] of talkers) {
        if (!this.#isOver(talker, nowMs)) continue
        talkers.delete(id)
        this.#changed.add(name)
      }
      if (talkers.size === 0) this.#services.delete(name)
    }
  }

  #isOver(talker: Talker, nowMs: number): boolean {
    const { identity } = talker
    if (identity === undefined) return nowMs - talker.lastMs > briefMs
    if (!talker.ended && startOf(this.#procRoot, identity.pid) !== identity.startTicks) {
      talker.ended = true
      talker.lastMs = nowMs
    }
    return talker.ended && nowMs - talker.lastMs > graceMs
  }

  /** The talkers of a name; the caller is about to add to them. */
  #talkers(name: string): Map<string, Talker> {
    const serviceName = this.#serviceName(name)
    const known = this.#services.get(serviceName)
    if (known !== undefined) return known
    const talkers = new Map<string, Talker>()
    this.#services.set(serviceName, talkers)
    return talkers
  }

  #serviceName(name: string): string {
    return this.#services.has(name) || this.#services.size < servicesMax ? name : others
  }

  #group(name: string): ServiceGroup {
    const service: Service = { id: `process:${name}`, name, kind: 'process', group: [] }
    const talkers = [...(this.#services.get(name)?.values() ?? [])]
    return { service, instances: talkers.map(talker => talker.instance) }
  }

  #instance(id: string, identity: Identity): Instance {
    const { pid, startTicks, name, namespace, executable } = identity
    return {
      ...instanceNamed(id, name, this.#bootMs + startTicks * msPerTick),
      pid,
      ...(namespace === undefined ? {} : { namespace }),
      ...(executable === undefined ? {} : { image: executable.slice(0, 256) }),
    }
  }
}

function instanceNamed(id: string, name: string, sinceMs: number): Instance {
  return {
    id,
    name,
    state: 'running',
    health: 'unknown',
    restarts: 0,
    sinceMs,
    addresses: [],
    published: [],
    mounts: [],
    labels: {},
  }
}
