import type { ClusterMember } from '../clusters.ts'
import type { Orchestrator } from '../orchestrator.ts'
import { type Access, accessOf, inClusterWord } from './access.ts'
import type { ReflectorCounters } from './reflector.ts'
import { type KubernetesOptions, Watching } from './watching.ts'

export interface KubernetesOrchestrator extends Orchestrator {
  counters(): ReflectorCounters
}

/** The workloads of a Kubernetes cluster, read through its API: lists and watches of what `resources` names. */
export function kubernetes(
  access: Access,
  options: KubernetesOptions = {},
): KubernetesOrchestrator {
  const counters: ReflectorCounters = {
    ...{ lists: 0, watches: 0, events: 0, malformed: 0, expired: 0, cutObjects: 0 },
  }
  return {
    name: 'kubernetes',
    watch: (observer, signal) => new Watching({ access, options, counters, observer }).run(signal),
    counters: () => ({ ...counters }),
  }
}

/** `--kubernetes [kubeconfig...]`. */
export const kubernetesMember: ClusterMember = {
  name: 'kubernetes',
  flags: '--kubernetes [kubeconfig...]',
  description:
    'ask a Kubernetes cluster; without a file as the pod it runs in (or $INKLING_KUBERNETES)',
  preset: inClusterWord,
  open: (given, environment) => kubernetes(accessOf(given, environment)),
}
