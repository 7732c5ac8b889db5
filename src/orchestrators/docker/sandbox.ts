import { containersOf, namespaceOf, readProc } from '../proc.ts'

/**
 * Inode of a container's network namespace. The engine's pid is the engine's view: an agent that does not see the
 * node's processes could find somebody else under that number, so the process must say that it is in this container,
 * by its control group.
 */
export function sandboxOf(procRoot: string, pid: number, containerId: string): string | undefined {
  if (!(pid > 0)) return undefined
  const cgroup = readProc(`${procRoot}/${pid}/cgroup`)
  if (cgroup === undefined || !belongs(cgroup, containerId)) return undefined
  return namespaceOf(procRoot, pid)
}

/** An agent in its own cgroup namespace sees `/../<id>`; an engine without control groups tells no id at all. */
function belongs(cgroup: string, containerId: string): boolean {
  const containers = containersOf(cgroup)
  return containers.length === 0 || containers.includes(containerId)
}
