import { existsSync, globSync } from 'node:fs'
import { attempt } from './command.ts'
import type { Place } from './place.ts'

/** Every interface, namespace, route, mount, process and folder of this machine that still speaks of a lab. */
export function leftoversOf({ id, dir }: Place): string[] {
  const listings = [
    ['ip', '-o', 'link'],
    ['ip', 'netns'],
    ['ip', 'route'],
    ['cat', '/proc/mounts'],
    ['ps', '-eo', 'args', 'ww'],
  ]
  const named = listings.flatMap(listed).filter(line => line.includes(id))
  return [...named, ...(existsSync(dir) ? [dir] : [])]
}

/** The control groups of these containers. */
export function groupsOf(containers: readonly string[]): string[] {
  const groups = globSync(['/sys/fs/cgroup/*/docker/*', '/sys/fs/cgroup/docker/*'])
  return groups.filter(path => containers.some(id => path.endsWith(`/${id}`)))
}

export const listed = (argv: readonly string[]): string[] => (attempt(argv) ?? '').split('\n')
