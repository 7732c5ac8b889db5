import type { Service } from '#model/service.ts'
import { controllerOf, service } from './owner.ts'
import type { WorkloadObject } from './shape.ts'

/** A Deployment, StatefulSet, DaemonSet or Job: how many there should be, and what becomes of them. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly kind: string
  readonly service: Service
  readonly desired: number | undefined
  readonly doing: string | undefined
  /** Labels that its pods get. */
  readonly podLabels: Readonly<Record<string, string>>
}

export function workloadOf(kind: string, object: WorkloadObject): Workload {
  const { namespace, name } = object.metadata
  const { desired, doing } = courses[kind]?.(object) ?? {}
  // Each run of a CronJob is a Job; its pods are the CronJob's.
  const owner = kind === 'Job' ? controllerOf(object.metadata) : undefined
  return {
    namespace,
    name,
    kind,
    service: service(namespace, owner?.kind ?? kind, owner?.name ?? name),
    desired,
    doing,
    podLabels: object.spec.template.metadata.labels,
  }
}

interface Course {
  readonly desired?: number
  readonly doing?: string
}

const courses: Readonly<Record<string, (object: WorkloadObject) => Course>> = {
  Deployment: ({ metadata, spec, status }) => {
    const desired = spec.replicas ?? 1
    const { replicas = 0, updatedReplicas: updated = 0, readyReplicas: ready = 0 } = status
    const progress = status.conditions.find(({ type }) => type === 'Progressing')
    const isUnseen = (metadata.generation ?? 0) > (status.observedGeneration ?? 0)
    const isRolling = isUnseen || updated < Math.min(desired, replicas) || replicas > updated
    const rolling = `rolling update, ${Math.min(updated, desired)} of ${desired}`
    if (progress?.reason === 'ProgressDeadlineExceeded') {
      return { desired, doing: `stuck: ${isRolling ? rolling : readiness(ready, desired)}` }
    }
    if (spec.paused && isRolling) return { desired, doing: `${rolling}, paused` }
    if (replicas > desired && updated === replicas)
      return { desired, doing: `scaling down, ${replicas} to ${desired}` }
    return { desired, doing: isRolling ? rolling : readiness(ready, desired) }
  },
  StatefulSet: ({ spec, status }) => {
    const desired = spec.replicas ?? 1
    const { currentRevision: before, updateRevision: after, updatedReplicas = 0 } = status
    const isRolling = before !== '' && after !== '' && before !== after
    if (isRolling) return { desired, doing: `rolling update, ${updatedReplicas} of ${desired}` }
    const { replicas = 0, readyReplicas: ready = 0 } = status
    if (replicas > desired) return { desired, doing: `scaling down, ${replicas} to ${desired}` }
    return { desired, doing: readiness(ready, desired) }
  },
  DaemonSet: ({ metadata, status }) => {
    const { desiredNumberScheduled: desired = 0, updatedNumberScheduled: updated = 0 } = status
    const isUnseen = (metadata.generation ?? 0) > (status.observedGeneration ?? 0)
    if (isUnseen || updated < desired)
      return { desired, doing: `rolling update, ${updated} of ${desired}` }
    return { desired, doing: readiness(status.numberReady ?? 0, desired) }
  },
  Job: ({ spec, status }) => {
    const { parallelism = 1, completions } = spec
    const { succeeded = 0, failed = 0 } = status
    const isOver = status.conditions.some(
      ({ type, status }) => /^(Complete|Failed|Suspended)$/.test(type) && status === 'True',
    )
    if (isOver || spec.suspend) return {}
    const wanted = completions ?? Math.max(1, succeeded)
    const failures = failed > 0 ? `, ${failed} failed` : ''
    return {
      desired: Math.min(parallelism, Math.max(0, wanted - succeeded)),
      doing: `job, ${succeeded} of ${wanted} done${failures}`,
    }
  },
}

function readiness(ready: number, desired: number): string | undefined {
  return ready < desired ? `${ready} of ${desired} ready` : undefined
}
