import type { BackoffLimits } from '#lib/backoff.ts'
import { ClusterLife } from '../cluster-life.ts'
import { type Access, accessOf } from '../cluster-login.ts'
import type { ClusterMember } from '../clusters.ts'
import type { Orchestrator } from '../orchestrator.ts'
import { Hosts, type Lookup } from './hosts.ts'
import { Roster } from './roster.ts'
import { MarathonVisit, type Rhythm, usualRhythm } from './visit.ts'

export interface MarathonOptions {
  readonly backoff?: BackoffLimits
  readonly answerMs?: number
  readonly rhythm?: Partial<Rhythm>
  /** How agents' names become addresses. */
  readonly lookup?: Lookup
}

/** The apps and pods of one Marathon (0.13 to 1.11), by any of its addresses. */
export function marathon(access: Access, options: MarathonOptions = {}): Orchestrator {
  const { backoff, answerMs } = options
  const roster = new Roster()
  const hosts = new Hosts(options.lookup)
  const around = { roster, hosts, rhythm: { ...usualRhythm, ...options.rhythm } }
  const life = new ClusterLife({
    title: 'Marathon',
    access,
    ...(backoff ? { backoff } : {}),
    ...(answerMs ? { answerMs } : {}),
    visit: visit => new MarathonVisit(visit, around).run(),
  })
  return { name: 'marathon', watch: (observer, signal) => life.watch(observer, signal) }
}

export const marathonMember: ClusterMember = {
  name: 'marathon',
  flags: '--marathon <url...>',
  description: 'ask this Marathon what it runs; give each of its addresses',
  open: (given, environment) => marathon(accessOf('marathon', given, environment)),
}
