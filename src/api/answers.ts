import type { Arranged } from '#model/arrangement.ts'
import {
  figuresOf,
  type Graph,
  type GraphLink,
  type Link,
  type LinkFigures,
  type LogLine,
} from '#model/graph.ts'
import type { Instance, Service } from '#model/service.ts'
import type { Counts } from '#model/window.ts'
import type { LogQuery } from '#stores/store.ts'

/** What the routes ask of the server behind them. */
export interface Source {
  graph(atMs: number, windowMs: number): Graph
  instances(serviceId: string): readonly Instance[]
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
