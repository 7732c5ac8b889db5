import type { Service } from '#model/service.ts'

const outsidersMax = 500
const others: Service = { id: 'external:others', name: 'others', kind: 'external', group: [] }

/** Outside parties by name or address. Their number is bounded: a million invented names make one "others". */
export class Outsiders {
  /** Parties that became "others". */
  folded = 0
  readonly #known = new Map<string, Service>()

  of(name: string): Service {
    const known = this.#known.get(name)
    if (known) return known
    if (this.#known.size >= outsidersMax) {
      this.folded++
      return others
    }
    const service: Service = { id: `external:${name}`, name, kind: 'external', group: [] }
    this.#known.set(name, service)
    return service
  }

  /** Forgets those that no link leads to any more. */
  keep(ids: ReadonlySet<string>): void {
    for (const [name, { id }] of this.#known) if (!ids.has(id)) this.#known.delete(name)
  }
}
