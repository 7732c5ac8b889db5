import type { Observer, Orchestrator, OrchestratorStatus } from '#orchestrators/orchestrator.ts'
import type { Ingest } from './ingest.ts'

/** What an orchestrator says of itself, for the page. */
export interface ClusterState {
  readonly name: string
  readonly state: string
  readonly text: string
}

/** The orchestrators of whole clusters, watched by the server until it closes. */
export class Clusters {
  readonly #states = new Map<string, ClusterState>()
  readonly #stop = new AbortController()
  readonly #ingest: Ingest
  readonly #now: () => number

  constructor(ingest: Ingest, orchestrators: readonly Orchestrator[], now: () => number) {
    this.#ingest = ingest
    this.#now = now
    for (const orchestrator of orchestrators) {
      void orchestrator.watch(this.#observerOf(orchestrator.name), this.#stop.signal)
    }
  }

  states(): ClusterState[] {
    return [...this.#states.values()]
  }

  close(): void {
    this.#stop.abort()
  }

  /** No node tells it: the empty one does. */
  #observerOf(name: string): Observer {
    return {
      all: groups => this.#ingest.groups('', name, true, groups, this.#now()),
      changed: group => this.#ingest.groups('', name, false, [group], this.#now()),
      networks: networks => this.#ingest.networks('', networks),
      status: status => this.#states.set(name, stateOf(name, status)),
    }
  }
}

function stateOf(name: string, status: OrchestratorStatus): ClusterState {
  const text = status.kind === 'connected' ? status.version : status.reason
  return { name, state: status.kind, text }
}
