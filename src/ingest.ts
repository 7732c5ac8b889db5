import { Attributor, type End } from '#attribution/attribute.ts'
import { Names } from '#attribution/names.ts'
import { Observers, quality } from '#attribution/observers.ts'
import { Outsiders } from '#attribution/outsiders.ts'
import { type NodePlace, Places } from '#attribution/places.ts'
import { Tenures } from '#attribution/tenures.ts'
import { LiveGraph } from '#graph/graph.ts'
import { isLoopback } from '#lib/ip.ts'
import type { Link, LogEnd, LogLine } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import type { Resident } from '#model/resident.ts'
import type { ServiceGroup } from '#model/service.ts'
import type { Subject, Window, WindowBatch } from '#model/window.ts'
import type { Store } from '#stores/store.ts'

/** A second that is further ahead than this waits for nobody: its node's clock is wrong. */
const aheadMaxMs = 30_000

/** Names in seconds that come later than this are believed only where there are none. */
const namesLateMs = 60_000

/** A node's second. */
interface Told {
  readonly node: string
  readonly batch: WindowBatch
  readonly isNew: boolean
}

/** How an agent's windows become the picture: attribute, count once, draw into the graph, keep the log. */
export class Ingest {
  readonly graph = new LiveGraph()
  /** Windows that were no call between services. */
  plumbing = 0
  readonly #tenures = new Tenures()
  readonly #names = new Names()
  readonly #outsiders = new Outsiders()
  readonly #observers = new Observers()
  readonly #places = new Places()
  readonly #attributor = new Attributor(this.#tenures, this.#places, this.#names, this.#outsiders)
  readonly #store: Store
  /** Seconds whose other nodes have not told yet, by their start. */
  readonly #waiting = new Map<number, Told[]>()
  #settledMs = Number.NEGATIVE_INFINITY

  constructor(store: Store) {
    this.#store = store
  }

  place(place: NodePlace): void {
    this.#places.place(place)
  }

  /** All networks of one node's orchestrator. */
  networks(node: string, networks: readonly Network[]): void {
    this.#places.networks(node, networks)
    this.#tenures.networks(networks)
  }

  /** Groups of one node's orchestrator, or (`node` is empty) of one of the cluster. `isAll`: those it told before and no longer tells are gone. */
  groups(
    node: string,
    orchestrator: string,
    isAll: boolean,
    groups: readonly ServiceGroup[],
    nowMs: number,
  ) {
    const teller = { node, orchestrator }
    if (isAll) this.#tenures.all(teller, groups, nowMs)
    else for (const group of groups) this.#tenures.changed(teller, group, nowMs)
  }

  /** All containers that live on a node, whatever runs them. */
  residents(node: string, residents: readonly Resident[], nowMs: number): void {
    this.#tenures.residents(node, residents, nowMs)
  }

  /** All groups that orchestrators tell of. */
  told(): Iterable<ServiceGroup> {
    return this.#tenures.groups()
  }

  group(service: string): ServiceGroup | undefined {
    return this.#tenures.group(service)
  }

  /**
   * One node's second. It waits for those of the others, until `settle`; what comes later is drawn at once. `isNew` is
   * false when a server before this one had it: it is drawn, and not counted anew.
   */
  windows(node: string, batch: WindowBatch, nowMs: number, isNew = true): void {
    const { startMs } = batch
    const waiting = this.#waiting.get(startMs)
    const isNow = startMs > this.#settledMs && startMs < nowMs + aheadMaxMs
    if (!isNow) this.#drawAll([{ node, batch, isNew }], nowMs)
    else if (waiting) waiting.push({ node, batch, isNew })
    else this.#waiting.set(startMs, [{ node, batch, isNew }])
  }

  /** Draws the seconds up to the one that began at `startMs`: what a call is, all who saw it say together. */
  settle(startMs: number, nowMs: number): void {
    for (const second of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (second > startMs) break
      const told = this.#waiting.get(second)!
      this.#waiting.delete(second)
      this.#drawAll(told, nowMs)
    }
    this.#settledMs = Math.max(this.#settledMs, startMs)
  }

  #drawAll(told: readonly Told[], nowMs: number): void {
    const seen = told.flatMap(({ node, batch, isNew }) => {
      this.#learn(batch, nowMs)
      const place = this.#places.of(node)
      const { startMs } = batch
      return place ? batch.windows.map(window => ({ window, place, startMs, isNew })) : []
    })
    for (const { window, place } of seen) this.#hearListener(window.subject, place)
    seen.sort((a, b) => quality(b.window.subject, b.place) - quality(a.window.subject, a.place))
    const lines = seen.flatMap(({ window, place, startMs, isNew }) =>
      this.#draw(window, place, startMs, nowMs, isNew),
    )
    lines.sort((a, b) => a.startUs - b.startUs)
    this.#store.write(lines)
  }

  /** What an address was called then says nothing of what it is called now. */
  #learn({ startMs, names }: WindowBatch, nowMs: number): void {
    const isLate = startMs < nowMs - namesLateMs
    const isUnknown = ({ ip }: { readonly ip: string }) => this.#names.of(ip) === undefined
    this.#names.learn(isLate ? names.filter(isUnknown) : names)
  }

  /** Who answers on a port of its machine is known to that machine alone. */
  #hearListener({ transport, server, local, namespace, serverOwner }: Subject, place: NodePlace) {
    if (serverOwner === undefined || namespace !== place.hostNamespace) return
    const isReached = local === 'server' || (local === 'both' && !isLoopback(server.ip))
    if (isReached) this.#places.heard(place.node, transport, server.port, serverOwner)
  }

  age(nowMs: number): void {
    this.graph.age(nowMs)
    this.#tenures.prune(nowMs)
    this.#observers.prune(nowMs)
    this.#outsiders.keep(new Set(this.graph.links().flatMap(link => [link.client, link.server])))
  }

  /** Draws a window into the graph; answers the lines for the log of its link. */
  #draw(window: Window, place: NodePlace, startMs: number, nowMs: number, isNew: boolean) {
    const found = this.#attributor.attribute(window.subject, place, startMs)
    if (found.kind === 'plumbing') this.plumbing++
    if (found.kind !== 'link') return []
    const { client, server } = found
    if (!this.#observers.counts(window.subject, client, server, place, startMs)) return []
    const link = this.graph.add(startMs, window, found, nowMs, isNew)
    return link ? linesOf(window, link, client, server) : []
  }
}

function linesOf(window: Window, link: Link, client: End, server: End) {
  const serverEnd = endOf(server)
  return window.samples.map(({ clientPort, ...sample }): Omit<LogLine, 'sequence'> => {
    const clientEnd = { ...endOf(client), port: clientPort }
    const { protocol } = link
    return { ...sample, clientPort, protocol, link: link.id, client: clientEnd, server: serverEnd }
  })
}

function endOf({ endpoint, service, instance }: End): LogEnd {
  return { ip: endpoint.ip, port: endpoint.port, service: service.id, instance: instance?.name }
}
