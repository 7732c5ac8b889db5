import { createHash } from 'node:crypto'
import { emptyHistogram, mergeHistograms } from '#lib/histogram.ts'
import type {
  AttributionScore,
  Graph,
  GraphLink,
  GraphService,
  Link,
  LinkWindow,
} from '#model/graph.ts'
import type { Health, Service, ServiceGroup } from '#model/service.ts'
import { emptyCounts, emptyTraffic, mergeCounts, mergeTraffic, type Window } from '#model/window.ts'
import { Recognised } from './recognised.ts'

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
/** Seconds of history, and link windows in all of them together (each some 300 bytes). */
const secondsMax = 900
const linkWindowsMax = 400_000
/** Seconds that lie further ahead are refused: agents tell of what was, by the server's clock. */
const aheadMs = 10_000

interface Second {
  readonly links: Map<string, LinkWindow>
  known: number
  total: number
}

/** The living picture: links and services as they are now and were a while ago. It grows, ages and forgets. */
export class LiveGraph {
  /** Link windows refused because there were too many links, and windows of a second yet to come. */
  refused = 0
  /** Windows that came too late for the history: they are in the totals of links still there, and nowhere else. */
  late = 0
  readonly #seconds = new Map<number, Second>()
  readonly #links = new Map<string, { link: Link; total: LinkWindow; lastMs: number }>()
  readonly #services = new Map<string, { service: Service; lastMs: number }>()
  readonly #recognised = new Recognised()
  #linkWindows = 0

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
    const link = linkOf(found.client.service.id, service.id, name.protocol)
    if (!this.#links.has(link.id) && !this.#mayOpen(startMs, window, nowMs)) return undefined
    this.#see(found.client.service, startMs)
    this.#see(service, startMs)
    const told = { link, ...figuresOf(window) }
    this.#countTotal(startMs, told, isNew)
    if (startMs >= nowMs - secondsMax * 1000) this.#countSecond(startMs, told, found)
    else this.late++
    return link
  }

  /** Everything between `atMs - windowMs` and `atMs`, with the services that orchestrators tell of. */
  at(atMs: number, windowMs: number, groups: Iterable<ServiceGroup>): Graph {
    const merged = new Map<string, LinkWindow>()
    for (const { links } of this.#between(atMs, windowMs)) {
      for (const [id, window] of links) {
        const before = merged.get(id)
        merged.set(id, before ? mergeLinkWindows(before, window) : window)
      }
    }
    const links = [...this.#links.values()].map(
      ({ link, lastMs }): GraphLink => ({
        ...(merged.get(link.id) ?? emptyLinkWindow(link)),
        lastMs,
      }),
    )
    const attribution = this.attribution(atMs, windowMs)
    return { atMs, windowMs, services: this.#servicesWith(groups), links, attribution }
  }

  /** Share of transactions between `atMs - windowMs` and `atMs` with both services known. */
  attribution(atMs: number, windowMs: number): AttributionScore {
    let known = 0
    let total = 0
    for (const second of this.#between(atMs, windowMs)) {
      known += second.known
      total += second.total
    }
    return { score: total === 0 ? 1 : known / total, known, total }
  }

  /** The links of one second, as far as they had traffic. */
  second(startMs: number): ReadonlyMap<string, LinkWindow> {
    return this.#seconds.get(startMs)?.links ?? new Map()
  }

  /** All links since the start, summed: counters that only grow while their link lives. */
  totals(): readonly LinkWindow[] {
    return [...this.#links.values()].map(({ total }) => total)
  }

  link(id: string): Link | undefined {
    return this.#links.get(id)?.link
  }

  links(): Link[] {
    return [...this.#links.values()].map(({ link }) => link)
  }

  service(id: string): Service | undefined {
    return this.#services.get(id)?.service
  }

  /** Forgets seconds, links and services that are old. */
  age(nowMs: number): void {
    // Late seconds were put in last: the oldest need not stand first.
    const oldestFirst = [...this.#seconds].sort(([a], [b]) => a - b)
    for (const [startMs, second] of oldestFirst) {
      const isOld = startMs < nowMs - secondsMax * 1000
      if (!isOld && this.#linkWindows <= linkWindowsMax) break
      this.#seconds.delete(startMs)
      this.#linkWindows -= second.links.size
    }
    for (const [id, { lastMs }] of this.#links) if (lastMs < nowMs - keptMs) this.#links.delete(id)
    const linked = new Set(this.links().flatMap(({ client, server }) => [client, server]))
    for (const id of this.#services.keys()) if (!linked.has(id)) this.#services.delete(id)
  }

  *#between(atMs: number, windowMs: number): Generator<Second> {
    for (const [startMs, second] of this.#seconds) {
      if (startMs >= atMs - windowMs && startMs < atMs) yield second
    }
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
    const before = this.#services.get(service.id)
    const lastMs = Math.max(before?.lastMs ?? 0, startMs)
    this.#services.set(service.id, { service, lastMs })
  }

  #countTotal(startMs: number, window: LinkWindow, isNew: boolean): void {
    const { link } = window
    const kept = this.#links.get(link.id)
    const before = kept?.total ?? emptyLinkWindow(link)
    const total = isNew ? mergeLinkWindows(before, window) : before
    this.#links.set(link.id, { link, total, lastMs: Math.max(kept?.lastMs ?? 0, startMs) })
  }

  #countSecond(startMs: number, window: LinkWindow, found: Found): void {
    const { link, counts } = window
    const second = this.#second(startMs)
    const transactions = counts.ok + counts.warning + counts.error
    second.total += transactions
    if (found.client.known && found.server.known) second.known += transactions
    const before = second.links.get(link.id)
    if (!before) this.#linkWindows++
    second.links.set(link.id, before ? mergeLinkWindows(before, window) : window)
  }

  #second(startMs: number): Second {
    const second = this.#seconds.get(startMs) ?? { links: new Map(), known: 0, total: 0 }
    this.#seconds.set(startMs, second)
    return second
  }

  /** A server's port was recognised: what its links carried unrecognised so far moves to the links it now has. */
  #absorb(server: string, transport: string, protocol: string): void {
    for (const [id, { link, total, lastMs }] of [...this.#links]) {
      if (link.server !== server || link.protocol !== transport) continue
      const into = linkOf(link.client, server, protocol)
      const kept = this.#links.get(into.id)
      const moved = { ...total, link: into }
      this.#links.delete(id)
      this.#links.set(into.id, {
        link: into,
        total: kept ? mergeLinkWindows(kept.total, moved) : moved,
        lastMs: Math.max(kept?.lastMs ?? 0, lastMs),
      })
      for (const second of this.#seconds.values()) moveWindow(second.links, id, into)
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
export function linkOf(client: string, server: string, protocol: string): Link {
  const key = `${client}\n${server}\n${protocol}`
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return { id, client, server, protocol }
}

/** What happened on a link in two stretches of time, as one. */
export function mergeLinkWindows(a: LinkWindow, b: LinkWindow): LinkWindow {
  return {
    link: a.link,
    counts: mergeCounts(a.counts, b.counts),
    traffic: mergeTraffic(a.traffic, b.traffic),
    latency: mergeHistograms(a.latency, b.latency),
  }
}

function emptyLinkWindow(link: Link): LinkWindow {
  return { link, counts: emptyCounts, traffic: emptyTraffic, latency: emptyHistogram }
}

function figuresOf({ counts, traffic, latency }: Window) {
  return { counts, traffic, latency }
}

function moveWindow(links: Map<string, LinkWindow>, from: string, into: Link): void {
  const window = links.get(from)
  if (!window) return
  const kept = links.get(into.id)
  const moved = { ...window, link: into }
  links.delete(from)
  links.set(into.id, kept ? mergeLinkWindows(kept, moved) : moved)
}

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
