import type { NamedAddress } from '#model/transaction.ts'

/** Addresses with a name; the longest unused goes first. */
const addressesMax = 20_000
const nameCharsMax = 200

/** Which name an address was last asked for under, as DNS answers said; else which one clients called it by. */
export class Names {
  readonly #names = new Map<string, NamedAddress>()

  learn(named: readonly NamedAddress[]): void {
    for (const one of named) {
      const known = this.#names.get(one.ip)
      if (one.called && known && !known.called) continue
      this.#names.delete(one.ip)
      this.#names.set(one.ip, { ...one, name: one.name.slice(0, nameCharsMax) })
    }
    for (const ip of this.#names.keys()) {
      if (this.#names.size <= addressesMax) break
      this.#names.delete(ip)
    }
  }

  of(ip: string): string | undefined {
    return this.#names.get(ip)?.name
  }
}
