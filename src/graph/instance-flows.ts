import type { Link, LinkWindow } from '#model/graph.ts'
import { type Instance, instanceKey, type Service } from '#model/service.ts'
import { History, type HistoryLimits } from './history.ts'
import type { Figures } from './sum.ts'

/** One end of a window: its service, and the instance where it is one. */
interface End {
  readonly service: Service
  readonly instance?: Instance | undefined
}

/** A link between two instances; each is absent where it is not known. `id` is its own, `of` the link of the services. */
export interface InstanceLink extends Link {
  readonly of: string
  readonly clientInstance?: InstanceName
  readonly serverInstance?: InstanceName
}

/** An instance's id, and the key by which it is the same whoever tells of it. */
export interface InstanceName {
  readonly id: string
  readonly key: string
}

export interface InstanceFlowLimits extends HistoryLimits {
  /** Pairs of instances: further ones count for their services alone. */
  readonly pairsMax: number
}

interface Pair {
  readonly link: InstanceLink
  lastMs: number
  isForgotten: boolean
}

/** Whose pair it was that a link's last window was of. */
interface Recent {
  readonly client: Instance | undefined
  readonly server: Instance | undefined
  readonly pair: Pair
}

/** The last minute, at 10,000 pairs a second of few latency buckets each. */
const usualLimits: InstanceFlowLimits = {
  keptMs: 60_000,
  linkWindowsMax: 600_000,
  bytesMax: 24 * 2 ** 20,
  pairsMax: 20_000,
}

/** Who of a service's instances speaks with whom, for the last minute: what the services' links say, taken apart. */
export class InstanceFlows {
  /** Windows that count for their services alone, for there were too many pairs. */
  folded = 0
  readonly #limits: InstanceFlowLimits
  readonly #history: History<InstanceLink>
  /** By link, client and server: when each was last seen. */
  readonly #pairs = new Map<string, Pair>()
  /** Most links have one pair: it is found without a key. */
  readonly #recent = new WeakMap<Link, Recent>()

  constructor(limits = usualLimits) {
    this.#limits = limits
    this.#history = new History(limits)
  }

  /** Adds a window of a link to the second that began at `startMs`; what is older than the minute is left out. */
  add(
    startMs: number,
    link: Link,
    ends: { readonly client: End; readonly server: End },
    window: Figures,
    nowMs: number,
  ): void {
    if (startMs < nowMs - this.#limits.keptMs) return
    const pair = this.#pairOf(link, ends.client.instance, ends.server.instance)
    pair.lastMs = Math.max(pair.lastMs, startMs)
    this.#history.add(startMs, pair.link, window, true)
  }

  /** What the instances of a service said and were told from `fromMs` up to `untilMs`. */
  of(service: string, fromMs: number, untilMs: number): (LinkWindow & { link: InstanceLink })[] {
    const isChosen = ({ client, server }: InstanceLink) => client === service || server === service
    return this.#history.chosen(isChosen, fromMs, untilMs)
  }

  /** Forgets what is old; call it each second. */
  age(nowMs: number): void {
    this.#history.age(nowMs)
    for (const [key, pair] of this.#pairs) {
      if (pair.lastMs >= nowMs - this.#limits.keptMs) continue
      pair.isForgotten = true
      this.#pairs.delete(key)
    }
  }

  #pairOf(link: Link, client: Instance | undefined, server: Instance | undefined): Pair {
    const recent = this.#recent.get(link)
    const isSame = recent?.client === client && recent?.server === server
    if (recent && isSame && !recent.pair.isForgotten) return recent.pair
    const pair = this.#keyed(link, client, server)
    this.#recent.set(link, { client, server, pair })
    return pair
  }

  #keyed(link: Link, client: Instance | undefined, server: Instance | undefined): Pair {
    const key = keyOf(link, client, server)
    const known = this.#pairs.get(key)
    if (known) return known
    const isTooMuch = this.#pairs.size >= this.#limits.pairsMax
    if (isTooMuch && (client || server)) {
      this.folded++
      return this.#keyed(link, undefined, undefined)
    }
    const pair = { link: pairOf(key, link, client, server), lastMs: 0, isForgotten: false }
    this.#pairs.set(key, pair)
    return pair
  }
}

function keyOf({ id }: Link, client: Instance | undefined, server: Instance | undefined): string {
  return `${id} ${client ? instanceKey(client) : ''} ${server ? instanceKey(server) : ''}`
}

function pairOf(
  id: string,
  link: Link,
  client: Instance | undefined,
  server: Instance | undefined,
): InstanceLink {
  return {
    ...{ ...link, id, of: link.id },
    ...(client && { clientInstance: nameOf(client) }),
    ...(server && { serverInstance: nameOf(server) }),
  }
}

const nameOf = (instance: Instance): InstanceName => ({
  id: instance.id,
  key: instanceKey(instance),
})
