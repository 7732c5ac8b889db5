import { homesOf, type Placed } from '#model/node.ts'

/** Where things run changes seldom, and there are many. */
const lookAgainMs = 5000

/** On which machine each service runs, looked up anew every few seconds. */
export class Homes {
  readonly #placed: () => Iterable<Placed>
  #homes: ReadonlyMap<string, string> = new Map()
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(placed: () => Iterable<Placed>) {
    this.#placed = placed
  }

  /** Nothing of a service on several machines, or on none that is known. */
  of(service: string, nowMs: number): { readonly node?: string } {
    if (nowMs - this.#lookedMs >= lookAgainMs) {
      this.#lookedMs = nowMs
      this.#homes = homesOf(this.#placed())
    }
    const node = this.#homes.get(service)
    return node === undefined ? {} : { node }
  }
}
