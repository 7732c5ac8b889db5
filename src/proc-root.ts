import { existsSync } from 'node:fs'

/** Where a machine's processes are mounted for programs in containers, by custom. */
const mountedFolder = '/host/proc'

/**
 * The proc file system that shows the machine's processes: one that was mounted for us where we run in a container that does
 * not share the machine's process namespace (a service of Swarm cannot), else our own.
 */
export function findProcRoot(
  environment: { readonly INKLING_PROC?: string },
  mounted = mountedFolder,
): string {
  if (environment.INKLING_PROC) return environment.INKLING_PROC
  return existsSync(`${mounted}/1/stat`) ? mounted : '/proc'
}
