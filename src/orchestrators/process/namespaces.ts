import type { Libc } from '#lib/libc.ts'
import { namespaceOf } from '../proc.ts'
import { NamespaceSockets } from './namespace-sockets.ts'
import { SocketDiag } from './socket-diag.ts'

/** The host's own namespace, whatever its inode. */
export const hostKey = ''
/** Namespaces that are asked at the same time; a descriptor each. */
const namespacesMax = 64
/** One that nobody asked about for so long is closed. */
const idleMs = 60_000

/** The sockets of the host's namespace and of those that were asked for. */
export class Namespaces {
  readonly #procRoot: string
  readonly #open = new Map<string, NamespaceSockets>()
  #pids: ReadonlyMap<string, readonly number[]> = new Map()
  #libc: Libc | undefined
  #own: string | undefined
  #host: string | undefined

  constructor(procRoot: string) {
    this.#procRoot = procRoot
  }

  /** The host's namespace is that of its first process; where that cannot be read, the one we are in. */
  start(libc: Libc): void {
    this.#libc = libc
    this.#own = namespaceOf('/proc', 'self')
    this.#host = namespaceOf(this.#procRoot, 1) ?? this.#own
  }

  keyOf(namespace: string | undefined): string {
    return namespace === undefined || namespace === this.#host ? hostKey : namespace
  }

  /** Who lives where: the pids in each namespace, the one most likely to last first. Those not named any more are closed. */
  setPids(pids: ReadonlyMap<string, readonly number[]>): void {
    this.#pids = pids
    this.#closeIf(key => key !== hostKey && !pids.has(key))
  }

  /** Who lives in a namespace, where that is worth knowing: on the host all others do. */
  pidsIn(key: string): readonly number[] {
    return key === hostKey ? [] : (this.#pids.get(key) ?? [])
  }

  /** The sockets of a namespace, opened when first asked for; undefined when we may not, or nobody lives there. */
  of(key: string, nowMs: number): NamespaceSockets | undefined {
    const known = this.#open.get(key)
    if (known !== undefined) {
      known.lastAskedMs = nowMs
      return known
    }
    const diag = this.#open.size < namespacesMax ? this.#diagOf(key) : undefined
    if (diag === undefined) return undefined
    const sockets = new NamespaceSockets(diag, nowMs)
    this.#open.set(key, sockets)
    return sockets
  }

  prune(nowMs: number): void {
    this.#closeIf((key, sockets) => key !== hostKey && nowMs - sockets.lastAskedMs > idleMs)
  }

  close(): void {
    this.#closeIf(() => true)
  }

  #diagOf(key: string): SocketDiag | undefined {
    if (this.#libc === undefined) return undefined
    if (key === hostKey && this.#own === this.#host) return SocketDiag.open(this.#libc)
    const pid = key === hostKey ? 1 : this.#pids.get(key)?.[0]
    // The pid may be somebody else's by now.
    if (pid === undefined || (key !== hostKey && namespaceOf(this.#procRoot, pid) !== key))
      return undefined
    return SocketDiag.open(this.#libc, `${this.#procRoot}/${pid}/ns/net`)
  }

  #closeIf(isOver: (key: string, sockets: NamespaceSockets) => boolean): void {
    for (const [key, sockets] of this.#open) {
      if (!isOver(key, sockets)) continue
      sockets.close()
      this.#open.delete(key)
    }
  }
}
