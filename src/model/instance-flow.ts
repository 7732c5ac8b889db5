import type { LinkFigures } from './graph.ts'
import type { Counts } from './window.ts'

/** A service, and which of its instances where that is known. */
export interface FlowEnd {
  readonly service: string
  /** The id of the instance, as the service's instances have it. */
  readonly instance?: string
}

/** What one instance says to another on a link of their services. */
export interface InstanceFlow extends Omit<LinkFigures, 'p50Us' | 'p90Us' | 'p99Us'> {
  /** Id of the link. */
  readonly link: string
  readonly protocol: string
  readonly client: FlowEnd
  readonly server: FlowEnd
  readonly counts: Counts
  /** Null without answers. */
  readonly p50Us: number | null
  readonly p99Us: number | null
}
