import type { BackoffLimits } from '#lib/backoff.ts'
import { ClusterLife } from '../cluster-life.ts'
import { type Access, accessOf } from '../cluster-login.ts'
import type { ClusterMember } from '../clusters.ts'
import type { Orchestrator } from '../orchestrator.ts'
import { MesosCluster } from './cluster.ts'
import { MesosVisit, type Rhythm, usualRhythm } from './visit.ts'

export interface MesosOptions {
  /** Marathon is asked itself. */
  readonly isMarathonWatched?: boolean
  readonly backoff?: BackoffLimits
  readonly answerMs?: number
  readonly rhythm?: Partial<Rhythm>
  readonly now?: () => number
}

/** The tasks of all frameworks of one Mesos (0.28 to 1.11), by any of its masters. */
export function mesos(access: Access, options: MesosOptions = {}): Orchestrator {
  const { backoff, answerMs, isMarathonWatched = false, now = Date.now } = options
  const cluster = new MesosCluster({ isMarathonWatched, now })
  const rhythm = { ...usualRhythm, ...options.rhythm }
  const life = new ClusterLife({
    title: 'Mesos',
    access,
    ...(backoff ? { backoff } : {}),
    ...(answerMs ? { answerMs } : {}),
    visit: visit => new MesosVisit(visit, cluster, rhythm).run(),
  })
  return { name: 'mesos', watch: (observer, signal) => life.watch(observer, signal) }
}

export const mesosMember: ClusterMember = {
  name: 'mesos',
  flags: '--mesos <url...>',
  description: 'ask this Mesos master what all frameworks run; give each of the masters',
  open: (given, environment, others) =>
    mesos(accessOf('mesos', given, environment), { isMarathonWatched: others.has('marathon') }),
}
