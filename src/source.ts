import type { Agents } from '#api/agents.ts'
import type { FlowsAnswer, Source } from '#api/answers.ts'
import { formats } from '#formats/index.ts'
import type { InstanceName } from '#graph/instance-flows.ts'
import { emptyHistogram } from '#lib/histogram.ts'
import { figuresOf, type Graph, type Link } from '#model/graph.ts'
import type { FlowEnd, InstanceFlow } from '#model/instance-flow.ts'
import { nodesOf, runsOn } from '#model/node.ts'
import { type Series, type SeriesOf, type SeriesRange, seriesOf } from '#model/series.ts'
import { instanceKey, type ServiceRole } from '#model/service.ts'
import { emptyCounts, emptyTraffic } from '#model/window.ts'
import { protocols } from '#protocols/index.ts'
import type { Store } from '#stores/store.ts'
import type { Ingest } from './ingest.ts'

/** The parts of the server that know. */
export interface Parts {
  readonly ingest: Ingest
  readonly store: Store
  readonly agents: Agents
  readonly graphAt: (atMs: number, lengthMs: number) => Graph
  readonly now: () => number
  /** Since when this server listens. */
  readonly startedMs: number
}

/** Over which other people's formats have their figures. */
const formatWindowMs = 60_000

/** What the routes ask, answered by the parts. */
export function sourceOf(parts: Parts): Omit<Source, 'arrangement' | 'arrange'> {
  const { ingest, store, agents, graphAt, now } = parts
  return {
    graph: graphAt,
    instances: id => ingest.instances(id),
    nodes: () => nodesOf(ingest.placed(), agents.states()),
    node: name => {
      const node = nodesOf(ingest.placed(), agents.states()).find(each => each.name === name)
      return node && { ...node, runs: runsOn(name, ingest.placedOn(name)) }
    },
    link: (id, atMs, windowMs) => ingest.graph.link(id, atMs, windowMs),
    series: (of, range) => seriesFrom(parts, of, range),
    flows: (service, windowMs) => flowsOf(ingest, service, windowMs),
    events: query => ({
      events: ingest.events.events(query),
      dropped: ingest.events.droppedEvents,
    }),
    lines: query => store.transactions(query),
    format: name => {
      const format = formats.find(each => each.name === name)
      if (!format) return undefined
      const graph = graphAt(now(), formatWindowMs)
      const totals = ingest.graph.totals()
      const body = format.render({ graph, totals, agents: agents.states(), roleOf })
      return { contentType: format.contentType, body }
    },
    now,
    isReady: () => agents.states().some(({ connected }) => connected),
  }
}

/** What a service that is called with a protocol is to its callers. */
export function roleOf(protocol: string): ServiceRole {
  return protocols.find(({ name }) => name === protocol)?.role ?? 'plain'
}

function seriesFrom(
  { ingest, startedMs, now }: Parts,
  of: SeriesOf,
  { fromMs, toMs, stepMs }: SeriesRange,
): Series | undefined {
  const firstMs = Math.floor(fromMs / stepMs) * stepMs
  const count = Math.ceil((toMs - firstMs) / stepMs)
  const steps = ingest.graph.series(chooserOf(of), { fromMs: firstMs, stepMs, count })
  if (!steps && !isThere(ingest, of, now())) return undefined
  const none = () => ({ counts: emptyCounts, traffic: emptyTraffic, latency: emptyHistogram })
  return seriesOf(steps ?? Array.from({ length: count }, none), {
    ...{ fromMs: firstMs, stepMs },
    keptFromMs: ingest.graph.keptFromMs(startedMs),
    toldUntilMs: Math.max(ingest.toldUntilMs, startedMs),
  })
}

function chooserOf(of: SeriesOf): (link: Link) => boolean {
  if ('link' in of) return ({ id }) => id === of.link
  const { service, side } = of
  return side === 'callers'
    ? ({ server }) => server === service
    : ({ client }) => client === service
}

/** It is there, though nothing of it is remembered. */
function isThere(ingest: Ingest, of: SeriesOf, atMs: number): boolean {
  if ('link' in of) return ingest.graph.link(of.link, atMs, 0) !== undefined
  return ingest.graph.hasService(of.service) || ingest.group(of.service) !== undefined
}

function flowsOf(ingest: Ingest, service: string, windowMs: number): FlowsAnswer | undefined {
  if (!isThere(ingest, { service, side: 'callers' }, 0)) return undefined
  const atMs = ingest.toldUntilMs
  const idsOf = new Map<string, ReadonlyMap<string, string>>()
  const endOf = (id: string, instance: InstanceName | undefined): FlowEnd => {
    if (!instance) return { service: id }
    const ids = idsOf.get(id) ?? idsByKey(ingest, id)
    idsOf.set(id, ids)
    return { service: id, instance: ids.get(instance.key) ?? instance.id }
  }
  const flows = ingest.flows.of(service, atMs - windowMs, atMs).flatMap((sum): InstanceFlow[] => {
    const { link, counts } = sum
    const total = counts.ok + counts.warning + counts.error
    if (total + sum.traffic.packets + sum.traffic.failures === 0) return []
    const { p50Us = null, p99Us = null, p90Us: _, ...figures } = figuresOf(sum, windowMs)
    return [
      {
        ...{ link: link.of, protocol: link.protocol, counts, ...figures, p50Us, p99Us },
        client: endOf(link.client, link.clientInstance),
        server: endOf(link.server, link.serverInstance),
      },
    ]
  })
  return { atMs, windowMs, folded: ingest.flows.folded, flows }
}

/** The ids of a service's instances as they are told now, by the key that all who tell of them share. */
function idsByKey(ingest: Ingest, service: string): ReadonlyMap<string, string> {
  const instances = ingest.group(service)?.instances ?? []
  return new Map(instances.map(instance => [instanceKey(instance), instance.id]))
}
