import type { NamedAddress } from '#model/transaction.ts'

/** Addresses with a name; the longest unused goes first. */
const addressesMax = 20_000
const nameCharsMax = 200

/** What DNS answers said: which name an address was last asked for under. */
export class Names {
  readonly #names = new Map<string, string>()

  learn(named: readonly NamedAddress[]): void {
    for (const { ip, name } of named) {
      this.#names.delete(ip)
      this.#names.set(ip, name.slice(0, nameCharsMax))
    }
    for (const ip of this.#names.keys()) {
      if (this.#names.size <= addressesMax) break
      this.#names.delete(ip)
    }
  }

  of(ip: string): string | undefined {
    return this.#names.get(ip)
  }
}
