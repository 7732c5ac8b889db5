import type { End } from '#attribution/attribute.ts'
import { precedence } from '#attribution/observers.ts'
import type { NodePlace } from '#attribution/places.ts'
import type { Realm } from '#attribution/realm.ts'
import { Realms } from '#attribution/realms.ts'
import { Changes } from '#graph/changes.ts'
import { LiveGraph } from '#graph/graph.ts'
import { InstanceFlows } from '#graph/instance-flows.ts'
import { Usages } from '#graph/usages.ts'
import type { Link, LogEnd, LogLine } from '#model/graph.ts'
import type { Network } from '#model/network.ts'
import type { Placed } from '#model/node.ts'
import { groupIn, parsePlace } from '#model/place.ts'
import type { Resident } from '#model/resident.ts'
import type { Instance, ServiceGroup } from '#model/service.ts'
import type { Window, WindowBatch } from '#model/window.ts'
import type { EventStore } from '#stores/events.ts'
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

/** A window, and where it was seen. */
interface Seen {
  readonly window: Window
  readonly realm: Realm
  readonly place: NodePlace
  readonly startMs: number
  readonly isNew: boolean
  readonly precedence: number
}

/** How an agent's windows become the picture: attribute, count once, draw into the graph, keep the log. */
export class Ingest {
  readonly graph = new LiveGraph()
  readonly flows = new InstanceFlows()
  readonly events: EventStore
  readonly usages = new Usages()
  /** Windows that were no call between services. */
  plumbing = 0
  readonly #realms = new Realms()
  readonly #store: Store
  readonly #changes: Changes
  /** Seconds whose other nodes have not told yet, by their start. */
  readonly #waiting = new Map<number, Told[]>()
  #settledMs = Number.NEGATIVE_INFINITY

  constructor(store: Store, events: EventStore) {
    this.#store = store
    this.events = events
    this.#changes = new Changes(
      service => this.group(service),
      happened => events.write(happened),
    )
  }

  place(place: NodePlace): void {
    const { cluster, node } = parsePlace(place.node)
    this.#realms.of(cluster).place({ ...place, node })
  }

  /** All networks of one node's orchestrator. */
  networks(place: string, networks: readonly Network[]): void {
    const { cluster, node } = parsePlace(place)
    this.#realms.of(cluster).networks(node, networks)
  }

  /** Seconds that began before have been told by all, or nobody waits for them any longer. */
  get toldUntilMs(): number {
    return this.#settledMs + 1000
  }

  /** Groups of one node's orchestrator, or (of a place without a node) of one of the cluster. `isAll`: those it told before and no longer tells are gone. */
  groups(
    place: string,
    orchestrator: string,
    isAll: boolean,
    groups: readonly ServiceGroup[],
    nowMs: number,
  ) {
    const { cluster, node } = parsePlace(place)
    const realm = this.#realms.of(cluster)
    const outward = groups.map(group => groupIn(cluster, group))
    const teller = tellerOf(place, orchestrator, groups)
    this.#changes.during({ teller, isAll, groups: outward, nowMs }, () =>
      realm.groups({ node, orchestrator }, isAll, groups, nowMs),
    )
  }

  /** An agent is away for so long that nothing is known any more of what it told. */
  forget(place: string, orchestrators: Iterable<string>, nowMs: number): void {
    const { cluster, node } = parsePlace(place)
    const realm = this.#realms.of(cluster)
    for (const orchestrator of orchestrators) {
      this.#changes.forget(tellerOf(place, orchestrator, []))
      realm.groups({ node, orchestrator }, true, [], nowMs)
    }
    realm.residents(node, [], nowMs)
  }

  /** All containers that live on a node, whatever runs them. */
  residents(place: string, residents: readonly Resident[], nowMs: number): void {
    const { cluster, node } = parsePlace(place)
    this.#realms.of(cluster).residents(node, residents, nowMs)
  }

  /** All groups that orchestrators tell of. */
  *told(): Iterable<ServiceGroup> {
    for (const realm of this.#realms) yield* realm.told()
  }

  /** A service's instances, each with the machine it is on. */
  instances(service: string): Instance[] {
    for (const realm of this.#realms) {
      const group = realm.group(service)
      if (!group) continue
      return group.instances.map(instance => {
        const node = realm.machineOf(instance)
        const measured = this.usages.with(instance, node)
        return node === '' ? measured : { ...measured, node }
      })
    }
    return []
  }

  /** All instances, and the machine each is on. Processes that say nothing are left out. */
  *placed(): Iterable<Placed> {
    for (const realm of this.#realms) {
      for (const { service, instances } of realm.told()) {
        if (service.kind === 'process' && !this.graph.hasService(service.id)) continue
        for (const instance of instances) {
          yield { service, instance, node: realm.machineOf(instance) }
        }
      }
    }
  }

  /** Those on one machine, with what they take of it. */
  *placedOn(node: string): Iterable<Placed> {
    for (const placed of this.placed()) {
      if (placed.node !== node) continue
      yield { ...placed, instance: this.usages.with(placed.instance, node) }
    }
  }

  group(service: string): ServiceGroup | undefined {
    for (const realm of this.#realms) {
      const group = realm.group(service)
      if (group) return group
    }
    return undefined
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
    const seen = told.flatMap(({ node: text, batch, isNew }): Seen[] => {
      const { cluster, node } = parsePlace(text)
      const realm = this.#realms.of(cluster)
      learn(realm, batch, nowMs)
      const place = realm.placeOf(node)
      const { startMs } = batch
      if (!place) return []
      return batch.windows.map(window => {
        const first = precedence(window.subject, place)
        return { window, realm, place, startMs, isNew, precedence: first }
      })
    })
    for (const { realm, window, place } of seen) realm.hear(window.subject, place)
    seen.sort((a, b) => b.precedence - a.precedence)
    const lines = seen.flatMap(one => this.#draw(one, nowMs))
    lines.sort((a, b) => a.startUs - b.startUs)
    this.#store.write(lines)
  }

  age(nowMs: number): void {
    this.graph.age(nowMs)
    this.flows.age(nowMs)
    this.#changes.settle(nowMs)
    this.usages.age(nowMs)
    for (const realm of this.#realms) realm.prune(nowMs)
    this.#realms.outsiders.keep(
      new Set(this.graph.links().flatMap(link => [link.client, link.server])),
    )
  }

  /** Draws a window into the graph; answers the lines for the log of its link. */
  #draw({ window, realm, place, startMs, isNew }: Seen, nowMs: number) {
    const found = realm.attribute(window.subject, place, startMs)
    if (found.kind === 'plumbing') this.plumbing++
    if (found.kind !== 'link') return []
    const link = this.graph.add(startMs, window, found, nowMs, isNew)
    if (!link) return []
    this.flows.add(startMs, link, found, window, nowMs)
    return linesOf(window, link, found.client, found.server)
  }
}

/** Who tells of a whole cluster says what any other says who does. */
function tellerOf(place: string, orchestrator: string, groups: readonly ServiceGroup[]): string {
  const { cluster } = groups[0] ?? {}
  const who = cluster ? `cluster ${cluster.id}` : `place ${place}`
  return `${who} ${orchestrator}`
}

/** What an address was called then says nothing of what it is called now. */
function learn({ names: known }: Realm, { startMs, names }: WindowBatch, nowMs: number): void {
  const isLate = startMs < nowMs - namesLateMs
  const isUnknown = ({ ip }: { readonly ip: string }) => known.of(ip) === undefined
  known.learn(isLate ? names.filter(isUnknown) : names)
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
