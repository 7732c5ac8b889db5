import { Attributor, type End, type NodePlace } from '#attribution/attribute.ts'
import { Names } from '#attribution/names.ts'
import { Observers, quality } from '#attribution/observers.ts'
import { Outsiders } from '#attribution/outsiders.ts'
import { Tenures } from '#attribution/tenures.ts'
import { LiveGraph } from '#graph/graph.ts'
import type { Link, LogEnd, LogLine } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import type { ServiceGroup } from '#model/service.ts'
import type { Window, WindowBatch } from '#model/window.ts'
import type { Store } from '#stores/store.ts'

/** How an agent's windows become the picture: attribute, count once, draw into the graph, keep the log. */
export class Ingest {
  readonly graph = new LiveGraph()
  /** Windows that were no call between services. */
  plumbing = 0
  readonly #tenures = new Tenures()
  readonly #names = new Names()
  readonly #outsiders = new Outsiders()
  readonly #observers = new Observers()
  readonly #attributor = new Attributor(this.#tenures, this.#names, this.#outsiders)
  readonly #store: Store
  readonly #places = new Map<string, NodePlace>()
  readonly #networks = new Map<string, readonly Network[]>()

  constructor(store: Store) {
    this.#store = store
  }

  place(place: NodePlace): void {
    this.#places.set(place.node, place)
  }

  /** All networks of one node's orchestrator. */
  networks(node: string, networks: readonly Network[]): void {
    this.#networks.set(node, networks)
  }

  /** Groups of one node's orchestrator, or (`node` is empty) of one of the cluster. `isAll`: those it told before and no longer tells are gone. */
  groups(
    node: string,
    orchestrator: string,
    isAll: boolean,
    groups: readonly ServiceGroup[],
    nowMs: number,
  ) {
    const source = `${node} ${orchestrator}`
    if (isAll) this.#tenures.all(source, groups, nowMs)
    else for (const group of groups) this.#tenures.changed(source, group, nowMs)
  }

  /** All groups that orchestrators tell of. */
  told(): Iterable<ServiceGroup> {
    return this.#tenures.groups()
  }

  /** One node's second. `isNew` is false when a server before this one had it: it is drawn, and not counted anew. */
  windows(node: string, batch: WindowBatch, nowMs: number, isNew = true): void {
    const place = this.#places.get(node)
    if (!place) return
    this.#names.learn(batch.names)
    const best = [...batch.windows].sort(
      (a, b) => quality(b.subject, place) - quality(a.subject, place),
    )
    const lines = best.flatMap(window => this.#draw(window, place, batch.startMs, nowMs, isNew))
    lines.sort((a, b) => a.startUs - b.startUs)
    this.#store.write(lines)
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
    if (found.kind === 'plumbing') {
      this.plumbing++
      return []
    }
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
