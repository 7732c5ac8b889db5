import { kubernetesMember } from './kubernetes/index.ts'
import { marathonMember } from './marathon/index.ts'
import { mesosMember } from './mesos/index.ts'
import type { Orchestrator } from './orchestrator.ts'

/** An orchestrator of a whole cluster, asked through its API by the server. */
export interface ClusterMember {
  readonly name: string
  /** What the operator gives: `--marathon <url...>`, as commander has it. */
  readonly flags: string
  readonly description: string
  /** What it means to name it without saying more. */
  readonly preset?: string
  /**
   * Throws a `Fault` when the texts that were given make no sense. `others` are the names of all that are asked: what
   * another tells better need not be told.
   */
  open(
    given: readonly string[],
    environment: NodeJS.ProcessEnv,
    others: ReadonlySet<string>,
  ): Orchestrator
}

/** All of them. Each is asked only if the operator names it. */
export const clusterOrchestrators: readonly ClusterMember[] = [
  kubernetesMember,
  marathonMember,
  mesosMember,
]
