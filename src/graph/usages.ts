import type { Instance, InstanceUsage, Usage } from '#model/service.ts'

interface Kept {
  readonly usage: Usage
  readonly atMs: number
}

/** Agents tell what has not changed each minute: what was not told for longer is not known any more. */
const keptMs = 150_000
/** Instances of one node. */
const perNodeMax = 10_000

/** What instances take, as their nodes measured it last. */
export class Usages {
  /** By node, then by instance. */
  readonly #nodes = new Map<string, Map<string, Kept>>()

  hear(node: string, usages: readonly InstanceUsage[], nowMs: number): void {
    const known = this.#nodes.get(node) ?? new Map<string, Kept>()
    this.#nodes.set(node, known)
    for (const { id, ...usage } of usages) {
      if (known.size < perNodeMax || known.has(id)) known.set(id, { usage, atMs: nowMs })
    }
  }

  /** The instance with what its node measured, where it did: of itself or of a container that it consists of. */
  with(instance: Instance, node: string): Instance {
    const known = this.#nodes.get(node)
    if (!known) return instance
    const { id, containers = [] } = instance
    const kept = known.get(id) ?? containers.map(each => known.get(each)).find(Boolean)
    return kept ? { ...instance, usage: { ...instance.usage, ...kept.usage } } : instance
  }

  age(nowMs: number): void {
    for (const [node, known] of this.#nodes) {
      for (const [id, { atMs }] of known) if (atMs < nowMs - keptMs) known.delete(id)
      if (known.size === 0) this.#nodes.delete(node)
    }
  }
}
