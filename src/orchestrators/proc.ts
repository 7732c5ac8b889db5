import { readFileSync, readlinkSync } from 'node:fs'

/** A file of the proc file system, or undefined when the process is gone or we may not look. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

/** What a link of the proc file system points to: `net:[4026531840]`, `socket:[12345]`, `/usr/bin/node`. */
export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** Inode, as text, of the network namespace of a process; undefined when it is gone or we may not look. */
export function namespaceOf(procRoot: string, pid: number | 'self'): string | undefined {
  return inodeOf(linkOf(`${procRoot}/${pid}/ns/net`))
}

/** The number in `net:[4026531840]` or `socket:[12345]`, as text. */
export function inodeOf(link: string | undefined): string | undefined {
  return link === undefined ? undefined : /:\[(\d+)\]$/.exec(link)?.[1]
}

/** Containers nested deeper than this are taken for the outer one. */
const nestingMax = 8

/**
 * Container ids in a `/proc/<pid>/cgroup` text (cgroup v1 or v2), innermost first. Forms: `/docker/<id>`,
 * `docker-<id>.scope`, `/kubepods/.../<id>`, `cri-containerd-<id>.scope`, `libpod-<id>.scope`, `crio-<id>`.
 */
export function containersOf(cgroup: string): readonly string[] {
  let deepest: string[] = []
  for (const line of cgroup.split('\n')) {
    const found = [...line.matchAll(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g)].map(
      match => match[0],
    )
    if (found.length > deepest.length) deepest = found
  }
  return [...new Set(deepest.reverse())].slice(0, nestingMax)
}
