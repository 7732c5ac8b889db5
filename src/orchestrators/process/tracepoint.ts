import { closeSync, readFileSync } from 'node:fs'
import type { Libc } from '#lib/libc.ts'

/** Where a field of a tracepoint's record lies, in bytes. */
export interface Field {
  readonly offset: number
  readonly size: number
}

/** A tracepoint of this kernel. */
export interface Tracepoint {
  readonly id: number
  readonly fields: ReadonlyMap<string, Field>
}

const usualFolders = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']
// The mount calls have the same numbers on all architectures (Linux 5.2 and newer).
const fsopen = 430
const fsconfig = 431
const fsmount = 432
const closeOnExec = 1 // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
const configCreate = 6 // FSCONFIG_CMD_CREATE

/**
 * Looks a tracepoint up, `sock/inet_sock_set_state`, where the trace file system is mounted; where it is not, in a mount
 * of our own that no other process sees and that is gone when this returns. Undefined when neither is allowed.
 */
export function findTracepoint(libc: Libc, name: string): Tracepoint | undefined {
  for (const folder of usualFolders) {
    const found = readTracepoint(`${folder}/events/${name}`)
    if (found !== undefined) return found
  }
  const mount = mountTracefs(libc)
  if (mount === undefined) return undefined
  try {
    return readTracepoint(`/proc/self/fd/${mount}/events/${name}`)
  } finally {
    closeSync(mount)
  }
}

/** The fields in a tracepoint's `format` text: `field:__u16 sport;	offset:24;	size:2;	signed:0;`. */
export function fieldsOf(format: string): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const match of format.matchAll(
    /field:[^;]*?(\w+)(?:\[\w+\])?;\s*offset:(\d+);\s*size:(\d+);/g,
  )) {
    fields.set(match[1], { offset: Number(match[2]), size: Number(match[3]) })
  }
  return fields
}

function readTracepoint(folder: string): Tracepoint | undefined {
  try {
    const id = Number(readFileSync(`${folder}/id`, 'latin1'))
    const fields = fieldsOf(readFileSync(`${folder}/format`, 'latin1'))
    return id > 0 && fields.size > 0 ? { id, fields } : undefined
  } catch {
    return undefined
  }
}

/** A mount that is attached nowhere: it lives as long as its descriptor. */
function mountTracefs(libc: Libc): number | undefined {
  const kind = Buffer.from('tracefs\0')
  const context = libc.syscall(fsopen, kind, closeOnExec)
  if (context < 0) return undefined
  const created = libc.syscall(fsconfig, context, configCreate, null, null, 0)
  const mount = created < 0 ? -1 : libc.syscall(fsmount, context, closeOnExec, 0)
  libc.close(context)
  return mount < 0 ? undefined : mount
}
