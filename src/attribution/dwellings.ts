import { type Resident, taskOf } from '#model/resident.ts'
import { holdersAt, type Range } from './ranges.ts'

/** A container that lived somewhere on a node, from when to when. */
export interface Stay extends Range {
  readonly resident: Resident
  readonly node: string
  toMs: number
}

/** Stays over for longer are forgotten. */
const keptMs = 15 * 60_000
/** Stays remembered per namespace, container or address. */
const perKeyMax = 64

/**
 * Which containers lived in which network namespaces, when, as their nodes found them. Namespaces, and addresses with
 * them, are given to others; the time tells whose they were.
 */
export class Dwellings {
  /** What each node told last, by what makes a stay another. */
  readonly #told = new Map<string, ReadonlyMap<string, Stay>>()
  readonly #stays = new Map<string, Stay[]>()

  /** All containers of a node: those it told before and no longer tells are gone. */
  tell(node: string, residents: readonly Resident[], nowMs: number): void {
    const before = this.#told.get(node)
    const now = new Map<string, Stay>()
    for (const resident of residents) {
      const key = JSON.stringify(resident)
      const stay = before?.get(key) ?? { resident, node, fromMs: nowMs, toMs: Infinity }
      now.set(key, stay)
      if (!before?.has(key)) this.#begin(stay)
    }
    for (const [key, stay] of before ?? []) if (!now.has(key)) stay.toMs = nowMs
    if (now.size > 0) this.#told.set(node, now)
    else this.#told.delete(node)
  }

  /** Who lived in a namespace in that second. */
  in(node: string, namespace: string, atMs: number): readonly Stay[] {
    const stays = this.#stays.get(`${node} ns ${namespace}`) ?? []
    const [one, ...more] = holdersAt(stays, atMs)
    if (one === undefined || more.length > 0) return one ? [one, ...more] : []
    // One is told in place of several outside its time: with it those who came and went as it did.
    return stays.filter(({ fromMs, toMs }) => fromMs === one.fromMs && toMs === one.toMs)
  }

  /** The places in which a container lived in that second: what it was known by. */
  of(node: string, container: string, atMs: number): readonly Stay[] {
    return holdersAt(this.#stays.get(`${node} in ${container}`) ?? [], atMs)
  }

  /**
   * The pod that had an address in that second, as its node saw; undefined when several nodes claim it. Addresses of pods
   * mean the same in the whole cluster; those of other containers only on their node.
   */
  at(ip: string, atMs: number): readonly Stay[] {
    const stays = holdersAt(this.#stays.get(`ip ${ip}`) ?? [], atMs)
    const places = new Set(stays.map(({ node, resident }) => `${node} ${resident.namespace}`))
    return places.size === 1 ? stays : []
  }

  prune(nowMs: number): void {
    for (const [key, stays] of this.#stays) {
      const kept = stays.filter(({ toMs }) => toMs > nowMs - keptMs)
      if (kept.length === 0) this.#stays.delete(key)
      else if (kept.length < stays.length) this.#stays.set(key, kept)
    }
  }

  #begin(stay: Stay): void {
    const { node, resident } = stay
    const { names, namespace, addresses } = resident
    const keys = [`${node} ns ${namespace}`, `${node} in ${names[0]}`]
    if (taskOf(resident)) keys.push(...addresses.map(ip => `ip ${ip}`))
    for (const key of keys) {
      const stays = this.#stays.get(key) ?? []
      stays.push(stay)
      if (stays.length > perKeyMax) stays.shift()
      this.#stays.set(key, stays)
    }
  }
}
