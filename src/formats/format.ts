import type { AgentState, Graph, LinkWindow } from '#model/graph.ts'
import type { ServiceRole } from '#model/service.ts'

/** All that a format may show. */
export interface Facts {
  /** Services and links over a short window: what rates are made of. */
  readonly graph: Graph
  /** What happened on each link since it was first seen: what counters are made of. They only grow. */
  readonly totals: readonly LinkWindow[]
  readonly agents: readonly AgentState[]
  /** What a service that is called with a protocol is to its callers; absent: nobody knows. */
  readonly roleOf?: (protocol: string) => ServiceRole
}

/**
 * Somebody else's format for what we know, pulled over HTTP. Rendering is pure and never throws; names in it are hostile
 * and escaped as the format demands, and what it says of a thing now it says under the same name later.
 */
export interface Format {
  /** As in the list and in paths: `vizceral`. */
  readonly name: string
  /** The media type of its text, with its character set where it has one. */
  readonly contentType: string
  render(facts: Facts): string
}
