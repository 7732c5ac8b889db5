import { listOf, numberOf, recordOf, recordsOf, textOf } from '#lib/json.ts'
import { pathOf } from './service.ts'

/** What Marathon does with its workloads at present: `rolling update` and the like, by path. */
export type Doings = ReadonlyMap<string, string>

const verbs: ReadonlyMap<string, string> = new Map([
  ['StartApplication', 'starting'],
  ['StopApplication', 'stopping'],
  ['ScaleApplication', 'scaling'],
  ['RestartApplication', 'rolling update'],
  ['KillAllOldTasksOf', 'rolling update'],
  ['ResolveArtifacts', 'fetching artifacts'],
  ['StartPod', 'starting'],
  ['StopPod', 'stopping'],
  ['ScalePod', 'scaling'],
  ['RestartPod', 'rolling update'],
])

const deploymentsMax = 1_000

/**
 * `GET /v2/deployments`: what is done in the current step, and who waits for a later one. Actions are called `action`, in
 * 1.1.1 and before `type`; they are of an `app`, an `application` or a `pod`.
 */
export function readDeployments(answer: unknown): Doings {
  const doings = new Map<string, string>()
  for (const deployment of recordsOf(answer).slice(0, deploymentsMax)) {
    const { affectedApps, affectedApplications, affectedPods } = deployment
    for (const id of [affectedApps, affectedApplications, affectedPods].flatMap(listOf)) {
      const path = pathOf(textOf(id, 1024))
      if (path && !doings.has(path)) doings.set(path, 'waiting in a deployment')
    }
    for (const { path, verb } of actionsOf(deployment.currentActions)) doings.set(path, verb)
  }
  return doings
}

/** The actions of a step: a list of them, or a list under `actions`. */
function actionsOf(step: unknown): { path: string; verb: string }[] {
  const actions = Array.isArray(step) ? step : recordOf(step).actions
  return recordsOf(actions).flatMap(action => {
    const { app, application, pod } = action
    const path = pathOf(textOf(app ?? application ?? pod, 1024))
    const name = textOf(action.action ?? action.type)
    return path ? [{ path, verb: verbs.get(name) ?? 'deploying' }] : []
  })
}

/** All that a plan names (`steps` in any of their forms), for events. */
export function pathsOfPlan(plan: unknown): string[] {
  const steps = listOf(recordOf(plan).steps)
  const actions = steps.flatMap(step => [...actionsOf(step), ...actionsOf([step])])
  return [...new Set(actions.map(action => action.path))]
}

/** `GET /v2/queue`: why workloads have fewer tasks than they should. */
export function readQueue(answer: unknown): Doings {
  const doings = new Map<string, string>()
  for (const item of recordsOf(recordOf(answer).queue)) {
    const path = pathOf(textOf(recordOf(item.app ?? item.pod).id, 1024))
    const count = numberOf(item.count) ?? 0
    if (!path || count === 0) continue
    const isWaiting = recordOf(item.delay).overdue !== false
    doings.set(path, isWaiting ? 'waiting for resources' : 'backing off after failures')
  }
  return doings
}
