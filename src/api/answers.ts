import type { Arranged } from '#model/arrangement.ts'
import type { ClusterEvent } from '#model/event.ts'
import {
  figuresOf,
  type Graph,
  type GraphLink,
  type Link,
  type LinkFigures,
  type LogLine,
} from '#model/graph.ts'
import type { InstanceFlow } from '#model/instance-flow.ts'
import type { ClusterNode, NodeDetail } from '#model/node.ts'
import { type TopResource, topResources } from '#model/resources.ts'
import type { Series, SeriesOf, SeriesRange } from '#model/series.ts'
import type { Instance, Service } from '#model/service.ts'
import type { Counts } from '#model/window.ts'
import type { EventQuery } from '#stores/events.ts'
import type { LogQuery } from '#stores/store.ts'

/** What the routes ask of the server behind them. */
export interface Source {
  graph(atMs: number, windowMs: number): Graph
  instances(serviceId: string): readonly Instance[]
  /** One link, at less cost than the whole graph; undefined when there is none. */
  link(id: string, atMs: number, windowMs: number): GraphLink | undefined
  /** Undefined when there is no such link or service. */
  series(of: SeriesOf, range: SeriesRange): Series | undefined
  /** Who of a service's instances speaks with whom, in the last seconds of which all have told; undefined for no service. */
  flows(serviceId: string, windowMs: number): FlowsAnswer | undefined
  nodes(): readonly ClusterNode[]
  node(name: string): NodeDetail | undefined
  /** Newest first. */
  events(query: EventQuery): EventsAnswer
  lines(query: LogQuery): readonly LogLine[]
  /** A text of the `formats/` family: its content type and body. */
  format(name: string): { readonly contentType: string; readonly body: string } | undefined
  /** A place of the map as somebody arranged it. */
  arrangement(at: string): Arranged
  /** Arranges a place and tells all viewers; `by`: what the writer calls himself. */
  arrange(place: Arranged, by: string): void
  now(): number
  isReady(): boolean
}

export interface ResourcesAnswer {
  readonly resources: readonly TopResource[]
  /** Lines that they were counted in, and all transactions of the window. */
  readonly sampled: number
  readonly total: number
  readonly windowMs: number
}

export interface EventsAnswer {
  readonly events: readonly ClusterEvent[]
  /** Let go to stay inside the budget, since the start of the server. */
  readonly dropped: number
}

export interface FlowsAnswer {
  readonly atMs: number
  readonly windowMs: number
  /** Windows that count for their services alone, since the start of the server: there were too many pairs of instances. */
  readonly folded: number
  readonly flows: readonly InstanceFlow[]
}

/** A link with its figures and the names of its two ends. */
export type LinkAnswer = GraphLink & LinkFigures & { client: Service; server: Service }

export interface ServiceAnswer {
  readonly service: Service
  readonly instances: readonly Instance[]
  readonly callers: readonly LinkAnswer[]
  readonly calls: readonly LinkAnswer[]
}

export interface LinesAnswer {
  readonly lines: readonly LogLine[]
  /** Exact counts over the window, beside the sampled lines. */
  readonly total: Counts
  readonly windowMs: number
}

/** The graph with every link's figures. */
export function graphAnswer(graph: Graph) {
  const links = graph.links.map(link => ({ ...link, ...figuresOf(link, graph.windowMs) }))
  return { ...graph, links }
}

export function serviceAnswer(graph: Graph, id: string, instances: readonly Instance[]) {
  const service = graph.services.find(each => each.id === id)
  if (!service) return undefined
  const answers = (choose: (link: Link) => string) =>
    graph.links.filter(({ link }) => choose(link) === id).map(link => linkAnswer(graph, link))
  const callers = answers(link => link.server)
  const calls = answers(link => link.client)
  return { service, instances, callers, calls } satisfies ServiceAnswer
}

export function linkAnswer(graph: Graph, link: GraphLink): LinkAnswer {
  const service = (id: string): Service =>
    graph.services.find(each => each.id === id) ?? { id, name: id, kind: 'external', group: [] }
  return {
    ...link,
    ...figuresOf(link, graph.windowMs),
    client: service(link.link.client),
    server: service(link.link.server),
  }
}

const resourcesMax = 50

export function resourcesAnswer(
  { counts }: GraphLink,
  lines: readonly LogLine[],
  windowMs: number,
): ResourcesAnswer {
  const resources = topResources(lines, resourcesMax)
  const total = counts.ok + counts.warning + counts.error
  return { resources, sampled: lines.length, total, windowMs }
}
