import type { Subject } from '#model/window.ts'
import type { Abroad, End } from './attribute.ts'
import { Outsiders } from './outsiders.ts'
import { Realm } from './realm.ts'

/** All clusters that one server hears of. */
export class Realms implements Iterable<Realm> {
  /** Outside of all clusters they are the same. */
  readonly outsiders = new Outsiders()
  readonly #realms = new Map<string, Realm>()

  of(cluster: string): Realm {
    const known = this.#realms.get(cluster)
    if (known) return known
    const abroad: Abroad = {
      has: ip => this.#abroad(cluster, ip) !== undefined,
      server: (subject, atMs) => this.#server(cluster, subject, atMs),
    }
    const realm = new Realm(cluster, this.outsiders, abroad)
    this.#realms.set(cluster, realm)
    return realm
  }

  [Symbol.iterator](): Iterator<Realm> {
    return this.#realms.values()
  }

  #server(cluster: string, subject: Subject, atMs: number): End | undefined {
    const there = this.#abroad(cluster, subject.server.ip)
    return there?.realm.serverAt(there.node, subject, atMs)
  }

  /** The machine of another cluster whose address it is; of an address that several have nobody is told. */
  #abroad(cluster: string, ip: string) {
    let found: { readonly realm: Realm; readonly node: string } | undefined
    for (const realm of this.#realms.values()) {
      const node = realm.cluster === cluster ? undefined : realm.nodeOf(ip)
      if (node === undefined) continue
      if (found) return undefined
      found = { realm, node }
    }
    return found
  }
}
