import { formatPlace } from '#model/place.ts'
import type { Observer, Orchestrator, OrchestratorStatus } from '#orchestrators/orchestrator.ts'
import type { Ingest } from './ingest.ts'

/** An orchestrator, and the cluster it is of: empty where there is one alone. */
export interface ClusterOrchestrator {
  readonly cluster: string
  readonly orchestrator: Orchestrator
}

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

  constructor(ingest: Ingest, orchestrators: readonly ClusterOrchestrator[], now: () => number) {
    this.#ingest = ingest
    this.#now = now
    for (const each of orchestrators) {
      void each.orchestrator.watch(this.#observerOf(each), this.#stop.signal)
    }
  }

  states(): ClusterState[] {
    return [...this.#states.values()]
  }

  close(): void {
    this.#stop.abort()
  }

  /** No node tells it: the place has none. */
  #observerOf({ cluster, orchestrator: { name } }: ClusterOrchestrator): Observer {
    const place = formatPlace({ cluster, node: '' })
    const called = cluster === '' ? name : `${name} of ${cluster}`
    return {
      all: groups => this.#ingest.groups(place, name, true, groups, this.#now()),
      changed: group => this.#ingest.groups(place, name, false, [group], this.#now()),
      networks: networks => this.#ingest.networks(place, networks),
      status: status => this.#states.set(called, stateOf(called, status)),
    }
  }
}

function stateOf(name: string, status: OrchestratorStatus): ClusterState {
  const text = status.kind === 'connected' ? status.version : status.reason
  return { name, state: status.kind, text }
}
