import { createHash } from 'node:crypto'
import { emptyHistogram } from '#lib/histogram.ts'
import type {
  AttributionScore,
  Graph,
  GraphLink,
  GraphService,
  Link,
  LinkWindow,
} from '#model/graph.ts'
import type { Health, Service, ServiceGroup } from '#model/service.ts'
import { emptyCounts, emptyTraffic, type Window } from '#model/window.ts'
import { History, type HistoryLimits, type Steps } from './history.ts'
import { Recognised } from './recognised.ts'
import { type Figures, Sum, type Tally } from './sum.ts'

/** What attribution says of a window, as far as the graph needs it. */
export interface Found {
  readonly client: { readonly service: Service; readonly known: boolean }
  readonly server: {
    readonly service: Service
    readonly known: boolean
    readonly endpoint: { readonly ip: string; readonly port: number }
  }
}

/** A link without traffic for this long is forgotten. */
const keptMs = 10 * 60_000
const linksMax = 20_000
/** A quarter of an hour; of 10,000 links a second two minutes, which weigh some 30 MiB. */
const historyLimits: HistoryLimits = {
  keptMs: 15 * 60_000,
  linkWindowsMax: 1_200_000,
  bytesMax: 96 * 2 ** 20,
}
/** Seconds that lie further ahead are refused: agents tell of what was, by the server's clock. */
const aheadMs = 10_000

interface Kept {
  readonly link: Link
  /** All that happened on it and was counted by no server before this one. */
  readonly total: Sum
  lastMs: number
}

/** The living picture: links and services as they are now and were a while ago. It grows, ages and forgets. */
export class LiveGraph {
  /** Link windows refused because there were too many links, and windows of a second yet to come. */
  refused = 0
  /** Windows that came too late for the history: they are in the totals of links still there, and nowhere else. */
  late = 0
  readonly #historyMs: number
  readonly #history: History
  /** By what makes a link one. */
  readonly #links = new Map<string, Kept>()
  readonly #services = new Map<string, { service: Service; lastMs: number }>()
  readonly #recognised = new Recognised()

  constructor(limits = historyLimits) {
    this.#historyMs = limits.keptMs
    this.#history = new History(limits)
  }

  /**
   * Adds a window to the second that began at `startMs`, however late it comes; answers its link, undefined when none
   * was made. `isNew` is false when the totals have it already: a server before this one counted it.
   */
  add(startMs: number, window: Window, found: Found, nowMs: number, isNew = true) {
    if (startMs > nowMs + aheadMs) return this.#refuse()
    const { service } = found.server
    const { transport, protocol } = window.subject
    const name = this.#recognised.name(service.id, found.server.endpoint, transport, protocol)
    if (name.isNew) this.#absorb(service.id, transport, name.protocol)
    const kept = this.#keptOf(startMs, window, found, name.protocol, nowMs)
    if (!kept) return undefined
    this.#see(found.client.service, startMs)
    this.#see(service, startMs)
    kept.lastMs = Math.max(kept.lastMs, startMs)
    if (isNew) kept.total.add(window)
    const isKnown = found.client.known && found.server.known
    if (startMs < nowMs - this.#historyMs) this.late++
    else this.#history.add(startMs, kept.link, window, isKnown)
    return kept.link
  }

  /** Everything between `atMs - windowMs` and `atMs`, with the services that orchestrators tell of. */
  at(atMs: number, windowMs: number, groups: Iterable<ServiceGroup>): Graph {
    const windows = this.#history.between(atMs - windowMs, atMs)
    const links = [...this.#links.values()].map(({ link, lastMs }): GraphLink => {
      const { counts, traffic, latency } = windows.get(link.id) ?? nothing
      return { link, counts, traffic, latency, lastMs }
    })
    const attribution = this.attribution(atMs, windowMs)
    return { atMs, windowMs, services: this.#servicesWith(groups), links, attribution }
  }

  /** One link between `atMs - windowMs` and `atMs`; undefined when there is none of that id. */
  link(id: string, atMs: number, windowMs: number): GraphLink | undefined {
    for (const { link, lastMs } of this.#links.values()) {
      if (link.id !== id) continue
      const [sum = nothing] = this.#history.chosen(each => each.id === id, atMs - windowMs, atMs)
      const { counts, traffic, latency } = sum
      return { link, counts, traffic, latency, lastMs }
    }
    return undefined
  }

  /** What happened on the chosen links together, step by step; undefined when none of them is remembered. */
  series(isChosen: (link: Link) => boolean, steps: Steps): readonly Tally[] | undefined {
    return this.#history.series(isChosen, steps)
  }

  /** Since when all of the history is kept, of a server that started at `startedMs`. */
  keptFromMs(startedMs: number): number {
    return this.#history.keptFromMs(startedMs)
  }

  /** It is seen in traffic. */
  hasService(id: string): boolean {
    return this.#services.has(id)
  }

  /** Share of transactions between `atMs - windowMs` and `atMs` with both services known. */
  attribution(atMs: number, windowMs: number): AttributionScore {
    const { known, total } = this.#history.score(atMs - windowMs, atMs)
    return { score: total === 0 ? 1 : known / total, known, total }
  }

  /** All links since the start, summed: counters that only grow while their link lives. */
  totals(): readonly LinkWindow[] {
    return [...this.#links.values()].map(({ total }) => total.copy())
  }

  links(): Link[] {
    return [...this.#links.values()].map(({ link }) => link)
  }

  /** Forgets seconds, links and services that are old. */
  age(nowMs: number): void {
    this.#history.age(nowMs)
    for (const [key, { lastMs }] of this.#links) {
      if (lastMs < nowMs - keptMs) this.#links.delete(key)
    }
    const linked = new Set(this.links().flatMap(({ client, server }) => [client, server]))
    for (const id of this.#services.keys()) if (!linked.has(id)) this.#services.delete(id)
  }

  /** What is kept of the window's link; undefined when there is no such link, and none may be. */
  #keptOf(startMs: number, window: Window, found: Found, protocol: string, nowMs: number) {
    const [client, server] = [found.client.service.id, found.server.service.id]
    const key = keyOf(client, server, protocol)
    const known = this.#links.get(key)
    if (known || !this.#mayOpen(startMs, window, nowMs)) return known
    return this.#open(key, linkOf(client, server, protocol))
  }

  #open(key: string, link: Link): Kept {
    const kept = { link, total: new Sum(link), lastMs: 0 }
    this.#links.set(key, kept)
    return kept
  }

  /** Nothing is opened for what said nothing, or for what `age` would forget at once. */
  #mayOpen(startMs: number, window: Window, nowMs: number): boolean {
    if (isSilent(window)) return false
    if (startMs < nowMs - keptMs) this.late++
    else if (this.#links.size >= linksMax) this.refused++
    else return true
    return false
  }

  #refuse(): undefined {
    this.refused++
    return undefined
  }

  #see(service: Service, startMs: number): void {
    const known = this.#services.get(service.id)
    if (!known) this.#services.set(service.id, { service, lastMs: Math.max(0, startMs) })
    else {
      known.service = service
      known.lastMs = Math.max(known.lastMs, startMs)
    }
  }

  /** A server's port was recognised: what its links carried unrecognised so far moves to the links it now has. */
  #absorb(server: string, transport: string, protocol: string): void {
    for (const [key, { link, total, lastMs }] of [...this.#links]) {
      if (link.server !== server || link.protocol !== transport) continue
      this.#links.delete(key)
      const intoKey = keyOf(link.client, server, protocol)
      const into =
        this.#links.get(intoKey) ?? this.#open(intoKey, linkOf(link.client, server, protocol))
      into.total.add(total)
      into.lastMs = Math.max(into.lastMs, lastMs)
      this.#history.move(link, into.link)
    }
  }

  #servicesWith(groups: Iterable<ServiceGroup>): GraphService[] {
    const told = new Map<string, { service: Service; instances: number; health: Health }>()
    for (const { service, instances } of groups) {
      const before = told.get(service.id)
      const health = worst([before?.health ?? 'unknown', ...instances.map(each => each.health)])
      const count = (before?.instances ?? 0) + instances.length
      told.set(service.id, { service, instances: count, health })
    }
    const services: GraphService[] = []
    for (const [id, { service, instances, health }] of told) {
      const seen = this.#services.get(id)
      if (!seen && service.kind === 'process') continue
      services.push({ ...service, instances, health, lastMs: seen?.lastMs ?? 0 })
    }
    for (const [id, { service, lastMs }] of this.#services) {
      if (!told.has(id)) services.push({ ...service, instances: 0, health: 'unknown', lastMs })
    }
    return services
  }
}

/** The link between two services, with its stable id. */
function linkOf(client: string, server: string, protocol: string): Link {
  const key = keyOf(client, server, protocol)
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return { id, client, server, protocol }
}

function keyOf(client: string, server: string, protocol: string): string {
  return `${client}\n${server}\n${protocol}`
}

const nothing: Figures = { counts: emptyCounts, traffic: emptyTraffic, latency: emptyHistogram }

/** Bare packets of connections that said nothing yet: no link is made of them. */
function isSilent({ counts, traffic }: Window): boolean {
  const transactions = counts.ok + counts.warning + counts.error
  const payload = traffic.requestBytes + traffic.responseBytes
  return transactions === 0 && payload === 0 && traffic.failures === 0
}

const healthOrder: readonly Health[] = ['unknown', 'healthy', 'starting', 'unhealthy']

function worst(all: readonly Health[]): Health {
  return all.reduce((a, b) => (healthOrder.indexOf(b) > healthOrder.indexOf(a) ? b : a))
}
