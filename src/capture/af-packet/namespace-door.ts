import { closeSync, fstatSync, openSync } from 'node:fs'
import { codeOf } from '#lib/fault.ts'
import type { Kernel } from './kernel.ts'

/** The namespace of this thread, not of the process: another thread may be elsewhere. */
const homePath = '/proc/thread-self/ns/net'
const newNetwork = 0x40000000

/** Where to find a network namespace, and which one it must be. */
export type NamespaceRef = {
  /** Its inode as text. */
  readonly name: string
  /** `host`: the namespace with the node's own interfaces. */
  readonly kind: 'host' | 'container'
} & (
  | { /** A process that lives in it. */ readonly pid: number }
  | { /** Where it is mounted, as by Docker or `ip netns`. */ readonly path: string }
)

/** A namespace that was opened, or why it could not be: one sentence without its full stop. */
export type Opened =
  | { readonly kind: 'open'; readonly fd: number }
  | { readonly kind: 'refused'; readonly reason: string }

/** Lets this thread do something in another network namespace, and brings it back. */
export class NamespaceDoor {
  readonly #kernel: Kernel
  readonly #homeFd: number
  readonly #homeInode: number

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#homeFd = openSync(homePath, 'r')
    this.#homeInode = fstatSync(this.#homeFd).ino
  }

  /** Opens the namespace and makes sure that it is the one meant: process numbers are used again. */
  open(ref: NamespaceRef): Opened {
    try {
      const fd = openSync('pid' in ref ? `/proc/${ref.pid}/ns/net` : ref.path, 'r')
      if (String(fstatSync(fd).ino) === ref.name) return { kind: 'open', fd }
      closeSync(fd)
      return { kind: 'refused', reason: 'the namespace is gone: another one took its place' }
    } catch (error) {
      return { kind: 'refused', reason: reasonOf(error) }
    }
  }

  /**
   * Does one short synchronous thing inside; undefined when the kernel does not let us in. Nothing may be started in
   * there (threads, children): it would stay. Not coming back ends the process, since all else here would go astray.
   */
  inside<Outcome>(fd: number, action: () => Outcome): Outcome | undefined {
    if (fstatSync(fd).ino === this.#homeInode) return action()
    if (this.#kernel.setns(fd, newNetwork) < 0) return undefined
    try {
      return action()
    } finally {
      if (this.#kernel.setns(this.#homeFd, newNetwork) < 0) process.abort()
    }
  }

  close(): void {
    closeSync(this.#homeFd)
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ESRCH') return 'the namespace is gone'
  if (code === 'EACCES' || code === 'EPERM') {
    return 'permission denied: entering a namespace needs CAP_SYS_PTRACE and CAP_SYS_ADMIN'
  }
  return `it cannot be opened (${code})`
}
