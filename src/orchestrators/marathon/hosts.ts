import { isLoopback } from '#lib/ip.ts'
import { addressOf } from '../addresses.ts'

const dns = process.getBuiltinModule('node:dns/promises')

/** One address of a machine, by its name; it may fail. */
export type Lookup = (name: string) => Promise<string>

const lookUp: Lookup = async name => (await dns.lookup(name)).address

/** Names remembered; agents beyond these have no address told. */
const namesMax = 5_000
const parallelMax = 8
/** How long a name's answer, or that it has none, is believed. */
const keptMs = 10 * 60_000
/** Nobody waits longer for names: what comes later is there at the next look. */
const patienceMs = 2_000
/** A name that is being asked for is not asked for again. */
const askedMs = 60_000

interface Answer {
  readonly ip: string | undefined
  readonly untilMs: number
}

/** Addresses of agents that are known by name only: packets have no names. */
export class Hosts {
  readonly #lookup: Lookup
  readonly #now: () => number
  readonly #answers = new Map<string, Answer>()

  constructor(lookup: Lookup = lookUp, now: () => number = Date.now) {
    this.#lookup = lookup
    this.#now = now
  }

  /** The addresses of these names, as far as they are known within `patienceMs`. */
  async resolve(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const fresh = (name: string) => (this.#answers.get(name)?.untilMs ?? 0) > this.#now()
    const waiting = names.filter(name => !fresh(name)).slice(0, namesMax)
    const work = async () => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) await this.#ask(name)
    }
    const all = Promise.all(Array.from({ length: Math.min(parallelMax, waiting.length) }, work))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, patienceMs)
    })
    await Promise.race([all, late])
    clearTimeout(timer)
    waiting.length = 0
    return this.#known(names)
  }

  async #ask(name: string): Promise<void> {
    const before = this.#answers.get(name)?.ip
    this.#note(name, before, this.#now() + askedMs)
    const ip = await this.#lookup(name).then(addressOf, () => undefined)
    const usable = ip !== undefined && !isLoopback(ip) ? ip : undefined
    this.#note(name, usable, this.#now() + keptMs)
  }

  #note(name: string, ip: string | undefined, untilMs: number): void {
    if (this.#answers.size >= namesMax && !this.#answers.has(name)) this.#answers.clear()
    this.#answers.set(name, { ip, untilMs })
  }

  #known(names: readonly string[]): Map<string, string> {
    const found = new Map<string, string>()
    for (const name of names) {
      const ip = this.#answers.get(name)?.ip
      if (ip !== undefined) found.set(name, ip)
    }
    return found
  }
}
