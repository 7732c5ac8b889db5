import { taskName } from '#model/resident.ts'

/** Containers nested deeper than this are taken for the outer one. */
const namesMax = 16
const uuid = '[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}'
const hexId = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/
/** `pod<uid>`; systemd has `_` in it; the kubelet calls a static pod by the hash of its file. */
const podId = new RegExp(`(?:^|-)pod(${uuid}|[0-9a-f]{32})(?:\\.slice)?$`)
const mesosId = new RegExp(`^[\\w.-]{0,64}${uuid}[\\w.-]{0,64}$`)
/** CRI-O's and Podman's watchers of containers live beside them, not in them. */
const watcher = /conmon/

/**
 * The names of the containers and pods that a process lives in, innermost first, as its `/proc/<pid>/cgroup` tells (v1 or
 * v2, `cgroups(7)`; seen from another control group namespace paths begin with `/../..`):
 *
 *     docker:<64 hex>  /docker/<id>  docker-<id>.scope  cri-containerd-<id>.scope  crio-<id>.scope  /kubepods/.../<id>
 *     task:<pod uid>   /kubepods/burstable/pod<uid>  kubelet-kubepods-burstable-pod<uid with _>.slice
 *     mesos:<id>       /mesos/<id>  /mesos/<id>/mesos/<nested id>
 */
export function namesIn(cgroup: string): readonly string[] {
  let most: string[] = []
  for (const line of cgroup.split('\n')) {
    const found = namesOfPath(line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1))
    if (found.length > most.length) most = found
  }
  return [...new Set(most.reverse())].slice(0, namesMax)
}

/** Those that are containers, not what containers are in. */
export const containersIn = (names: readonly string[]): readonly string[] =>
  names.filter(name => /^(docker|mesos):/.test(name))

function namesOfPath(path: string): string[] {
  const segments = path.split('/')
  return segments.flatMap((segment, i) => {
    if (watcher.test(segment)) return []
    const pod = podId.exec(segment)?.[1]
    if (pod !== undefined) return [taskName(pod.replaceAll('_', '-'))]
    const id = hexId.exec(segment)?.[0]
    if (id !== undefined) return [`docker:${id}`]
    return segments[i - 1] === 'mesos' && mesosId.test(segment) ? [`mesos:${segment}`] : []
  })
}
