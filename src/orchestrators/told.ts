import type { ServiceGroup } from '#model/service.ts'

/** What an observer was told: so that it is told only what differs from it. */
export class Told {
  readonly #texts = new Map<string, string>()
  readonly #services = new Map<string, ServiceGroup['service']>()

  /** From now on only what differs from these is a change. */
  all(groups: readonly ServiceGroup[]): readonly ServiceGroup[] {
    this.#texts.clear()
    this.#services.clear()
    this.changes(groups)
    return groups
  }

  /** Groups that are not as they were told, whole; empty ones are gone. Each is told once. */
  changes(groups: readonly ServiceGroup[]): ServiceGroup[] {
    const changed: ServiceGroup[] = []
    const ids = new Set<string>()
    for (const group of groups) {
      const { id } = group.service
      ids.add(id)
      const text = JSON.stringify(group)
      if (this.#texts.get(id) === text) continue
      this.#texts.set(id, text)
      this.#services.set(id, group.service)
      changed.push(group)
    }
    for (const [id, service] of this.#services) {
      if (ids.has(id)) continue
      this.#texts.delete(id)
      this.#services.delete(id)
      changed.push({ service, instances: [] })
    }
    return changed
  }
}
