import { taskName } from '#model/resident.ts'
import type { Instance, Service } from '#model/service.ts'

/** Who it is that holds, lives or talks. */
export interface Owner {
  readonly service: Service
  readonly instance: Instance
}

interface Entry extends Owner {
  /** The machine it is on; empty when nobody said. */
  readonly node: string
  goneMs: number
}

/** Instances gone for longer are forgotten. */
const keptMs = 15 * 60_000

/** All instances that were told of, by their ids, their containers and their tasks. */
export class Known {
  readonly #instances = new Map<string, Entry>()
  /** Ids of instances by what else they are called; several may tell of one task. */
  readonly #called = new Map<string, Set<string>>()

  put(service: Service, instance: Instance, node: string): void {
    const before = this.#instances.get(instance.id)
    this.#instances.set(instance.id, { service, instance, node, goneMs: Infinity })
    const names = namesOf(instance)
    if (before) this.#forgetNames(before.instance, new Set(names))
    for (const name of names) {
      const ids = this.#called.get(name)
      if (ids) ids.add(instance.id)
      else this.#called.set(name, new Set([instance.id]))
    }
  }

  gone(id: string, nowMs: number): void {
    const entry = this.#instances.get(id)
    if (entry) entry.goneMs = nowMs
  }

  get(id: string): Owner | undefined {
    return this.#instances.get(id)
  }

  nodeOf(id: string): string {
    return this.#instances.get(id)?.node ?? ''
  }

  /**
   * Whom these names mean, the nearest first: the first of them that anybody has decides. Undefined when nobody has one,
   * or those who have it are of several services.
   */
  called(names: readonly string[]): Owner | undefined {
    for (const name of names) {
      const own = this.#instances.get(name)
      if (own) return own
      const ids = this.#called.get(name)
      if (ids) return soleOf(this.#named(name))
    }
    return undefined
  }

  /**
   * The service that an orchestrator of the cluster has for what its node takes for a plain container: it runs a task of
   * that orchestrator, which the container does not say.
   */
  adopter({ service, instance }: { service: Service; instance?: Instance }): Service | undefined {
    if (service.kind !== 'container' || !instance || !hasNames(instance)) return undefined
    for (const name of namesOf(instance)) {
      const owners = this.#named(name).filter(each => each.service.kind !== 'container')
      const owner = soleOf(owners)
      if (owner) return owner.service
    }
    return undefined
  }

  /** The plain containers that are there and run a task, as its instance. */
  adoptees({ service, instance }: Owner): Instance[] {
    if (service.kind === 'container' || !hasNames(instance)) return []
    const entries = namesOf(instance).flatMap(name => this.#named(name))
    const plain = entries.filter(
      each => each.service.kind === 'container' && each.goneMs === Infinity,
    )
    return plain.map(each => ({ ...each.instance, task: instance.task }))
  }

  #named(name: string): Entry[] {
    return [...(this.#called.get(name) ?? [])].flatMap(id => this.#instances.get(id) ?? [])
  }

  prune(nowMs: number): void {
    for (const [id, { instance, goneMs }] of this.#instances) {
      if (goneMs >= nowMs - keptMs) continue
      this.#instances.delete(id)
      this.#forgetNames(instance, new Set())
    }
  }

  #forgetNames(instance: Instance, kept: ReadonlySet<string>): void {
    for (const name of namesOf(instance)) {
      const ids = this.#called.get(name)
      if (!ids || kept.has(name)) continue
      ids.delete(instance.id)
      if (ids.size === 0) this.#called.delete(name)
    }
  }
}

const hasNames = ({ containers, task }: Instance): boolean =>
  containers !== undefined || task !== undefined

function namesOf({ containers = [], task }: Instance): string[] {
  return task === undefined ? [...containers] : [...containers, taskName(task)]
}

/** Those that are there count before those that were; of one task its node's own agent knows best who runs it. */
function soleOf(entries: readonly Entry[]): Owner | undefined {
  const present = entries.filter(({ goneMs }) => goneMs === Infinity)
  const some = present.length > 0 ? present : entries
  const seen = some.filter(({ instance }) => instance.node === undefined)
  return oneOf(seen.length > 0 ? seen : some)
}

/** One of those of one service, always the same; undefined when they are of several. */
export function oneOf<T extends Owner>(owners: readonly T[]): T | undefined {
  if (new Set(owners.map(({ service }) => service.id)).size !== 1) return undefined
  return owners.reduce((a, b) => (b.instance.id < a.instance.id ? b : a))
}
