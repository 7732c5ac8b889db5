import type { Network } from '#model/network.ts'
import type { ServiceGroup } from '#model/service.ts'

/** What an orchestrator says of itself. */
export type OrchestratorStatus =
  | { readonly kind: 'connected'; readonly version: string }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string; readonly sinceMs: number }

/** Where an orchestrator tells what it sees. */
export interface Observer {
  /** All groups it knows: what was told before and is not among them is gone. */
  all(groups: readonly ServiceGroup[]): void
  /** One changed group, whole; without instances it is gone. */
  changed(group: ServiceGroup): void
  /** All networks it knows, told before the groups that live on them. Not every orchestrator has networks. */
  networks?(networks: readonly Network[]): void
  status(status: OrchestratorStatus): void
}

/**
 * Knows who owns which address, when. First everything, then changed groups whole. On doubt (connection lost, half an
 * answer) it keeps quiet: the old truth stays. It reconnects by itself until `signal` aborts, and never throws.
 */
export interface Orchestrator {
  /** `docker`, `process`: the folder's name. */
  readonly name: string
  watch(observer: Observer, signal: AbortSignal): Promise<void>
}
