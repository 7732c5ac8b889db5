import { readdirSync, readlinkSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A network namespace in use, and one process in it. */
export interface NamespaceInUse {
  /** Inode as text: equal for processes that share the namespace. */
  readonly inode: string
  /** The lowest process number in it: the one most likely to last. */
  readonly pid: number
  /** All of them, the lowest first. */
  readonly pids: readonly number[]
}

/** A network namespace that is mounted somewhere, with or without processes. */
export interface MountedNamespace {
  readonly inode: string
  readonly path: string
}

/** `statfs` of a mounted namespace (NSFS_MAGIC); a plain file is a mount that this process cannot see. */
const namespaceFileSystem = 0x6e736673

/**
 * Every network namespace of this machine that has a process, by inode.
 * Processes that end meanwhile, or may not be looked at, are passed over.
 */
export function listNamespaces(proc = '/proc'): NamespaceInUse[] {
  const found = new Map<string, number[]>()
  for (const name of readdirSync(proc)) {
    const first = name.charCodeAt(0)
    if (first < 0x30 || first > 0x39) continue
    const inode = namespaceOf(name, proc)
    if (inode === undefined) continue
    const pids = found.get(inode)
    if (pids) pids.push(Number(name))
    else found.set(inode, [Number(name)])
  }
  return Array.from(found, ([inode, pids]) => {
    pids.sort((a, b) => a - b)
    return { inode, pids, pid: pids[0] }
  })
}

/** Inode as text of a process's network namespace; undefined when it is gone or out of reach. */
export function namespaceOf(pid: number | string, proc = '/proc'): string | undefined {
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync(`${proc}/${pid}/ns/net`))?.[1]
  } catch {
    // Processes end between two looks, and those of other users may be closed to us: neither is a fault.
    return undefined
  }
}

/** Namespaces mounted in a folder, as Docker does in /var/run/docker/netns and `ip netns` in /var/run/netns. */
export function listMountedNamespaces(folder: string): MountedNamespace[] {
  try {
    return readdirSync(folder)
      .map(name => join(folder, name))
      .filter(path => statfsSync(path).type === namespaceFileSystem)
      .map(path => ({ inode: String(statSync(path).ino), path }))
  } catch {
    // No such folder, or a namespace unmounted meanwhile: the next look sees what is there.
    return []
  }
}
