import type { Service } from '#model/service.ts'
import { workloadNamed } from '../kubernetes/owner.ts'
import { marathonService, pathOf, taskNameOf } from '../marathon/service.ts'
import type { Inspected } from './shape.ts'

/** Names come from whoever writes labels: cut, so that one cannot fill the screen. */
const nameCharsMax = 128
/** An id of a task tells it from all others: Marathon's carry the path of their app. */
const taskCharsMax = 512
/** As long as Kubernetes lets a pod's name be. */
const podCharsMax = 253

/**
 * The service a container belongs to, told by its labels: Compose's project and service, Swarm's service and stack,
 * Kubernetes' pod and namespace (old kubelets on Docker); Marathon's app or pod, told by the task's id; else the
 * container itself.
 * A one-off (`docker compose run`) is no replica of its service: it stands for itself, within the project.
 */
export function serviceOf(container: Inspected): Service {
  const labels = container.Config.Labels
  const name = nameOf(container)
  const project = cut(labels['com.docker.compose.project'])
  const composeService = cut(labels['com.docker.compose.service'])
  if (project && composeService) {
    if (/^true$/i.test(labels['com.docker.compose.oneoff'] ?? ''))
      return plain(name, name, [project])
    const id = `compose:${project}:${composeService}`
    return { id, name: composeService, kind: 'compose', group: [project] }
  }
  const swarmName = cut(labels['com.docker.swarm.service.name'])
  if (swarmName) return swarmService(swarmName, labels['com.docker.stack.namespace'])
  const podNamespace = cut(labels['io.kubernetes.pod.namespace'])
  const pod = labels['io.kubernetes.pod.name']?.trim().slice(0, podCharsMax)
  if (podNamespace && pod) return workloadNamed(podNamespace, pod)
  const app = marathonPathOf(container)
  return app ? marathonService(app) : plain(name, name, [])
}

/**
 * The task that a container runs, as its orchestrator calls it: Swarm's task id, the pod's uid, Mesos' task id. Marathon
 * labels containers from 1.4 on; the environment says the same, unless the app's own has it overwritten.
 */
export function taskOf(container: Inspected): string | undefined {
  const { Labels, Env } = container.Config
  const found =
    Labels['com.docker.swarm.task.id'] ||
    Labels['io.kubernetes.pod.uid'] ||
    (isExecutor(container) ? '' : Labels.MESOS_TASK_ID || Env.kept.MESOS_TASK_ID)
  return found?.trim().slice(0, taskCharsMax) || undefined
}

/** The path of the Marathon app or pod: what the task's id says is harder to forge than what the environment does. */
function marathonPathOf(container: Inspected): string | undefined {
  const { Labels, Env } = container.Config
  const { MARATHON_APP_ID: app, MARATHON_APP_VERSION: version } = Env.kept
  if (isExecutor(container) || (app === undefined && version === undefined)) return undefined
  const task = Labels.MESOS_TASK_ID || Env.kept.MESOS_TASK_ID
  if (!task) return undefined
  return taskNameOf(task)?.path ?? pathOf(app ?? '')
}

/** `mesos-<id>.executor` runs Mesos' own executor beside the task's container. */
function isExecutor({ Name }: Inspected): boolean {
  return /^\/?mesos-.*\.executor$/.test(Name)
}

/**
 * What Mesos calls the container: `mesos-<id>`, from 0.23 to 1.3 `mesos-<agent>.<id>`. Its master knows the task in it, of
 * whatever framework, by that.
 */
export function mesosContainerOf(container: Inspected): string | undefined {
  if (isExecutor(container)) return undefined
  const id = /^\/?mesos-(?:[\w-]{1,128}\.)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    container.Name,
  )?.[1]
  return id === undefined ? undefined : `mesos:${id}`
}

/** The container's own name, without its slash. */
export function nameOf(container: Inspected): string {
  return cut(container.Name.replace(/^\//, '')) || container.Id.slice(0, 12)
}

/** The sandbox of a Kubernetes pod: it holds the pod's addresses and does nothing else. */
export function isSandbox(container: Inspected): boolean {
  const labels = container.Config.Labels
  return (
    labels['io.kubernetes.docker.type'] === 'podsandbox' ||
    labels['io.kubernetes.container.name'] === 'POD'
  )
}

/** A stack's service is called `<stack>_<service>`; within its stack the second half is the name. */
export function swarmService(given: string, givenStack: string | undefined): Service {
  const service = cut(given)
  const stack = cut(givenStack)
  const name = stack && service.startsWith(`${stack}_`) ? service.slice(stack.length + 1) : service
  return {
    id: `swarm:${service}`,
    name: name || service,
    kind: 'swarm',
    group: stack ? [stack] : [],
  }
}

function plain(id: string, name: string, group: readonly string[]): Service {
  return { id: `container:${id}`, name, kind: 'container', group }
}

function cut(text: string | undefined): string {
  return (text ?? '').trim().slice(0, nameCharsMax)
}
