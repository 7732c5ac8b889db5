import { uptime } from 'node:os'
import { containersIn, namesIn } from '../control-group.ts'
import { linkOf, namespaceOf, readProc } from '../proc.ts'
import { type ProxyTarget, proxyOf } from './docker-proxy.ts'
import { processName } from './name.ts'

/** Who a process is; a value, also after its end. */
export interface Identity {
  readonly pid: number
  /** Clock ticks from boot to its start: with the pid it is unique until the next boot. */
  readonly startTicks: number
  readonly name: string
  readonly executable: string | undefined
  /** The containers it runs in, innermost first: `docker:<64 hex>`, `mesos:<id>`. */
  readonly containers: readonly string[]
  /** Inode of its network namespace, as text. */
  readonly namespace: string | undefined
  readonly proxy: ProxyTarget | undefined
}

/** Arguments beyond this many say nothing about a name. */
const wordsMax = 64

/** Reads who a process is; undefined when it is gone. */
export function identify(procRoot: string, pid: number): Identity | undefined {
  const folder = `${procRoot}/${pid}`
  const startTicks = startOf(procRoot, pid)
  if (startTicks === undefined) return undefined
  const command = (readProc(`${folder}/cmdline`) ?? '').split('\0', wordsMax)
  const executable = linkOf(`${folder}/exe`)
  const comm = readProc(`${folder}/comm`)?.trim()
  // It ended while it was read: half an identity is nobody's.
  if (comm === undefined) return undefined
  return {
    pid,
    startTicks,
    name: processName({ comm, executable, command }),
    executable,
    containers: containersIn(namesIn(readProc(`${folder}/cgroup`) ?? '')),
    namespace: namespaceOf(procRoot, pid),
    proxy: proxyOf(command),
  }
}

/** Clock ticks from boot to the start of a process (proc(5), field 22); undefined when it is gone. */
export function startOf(procRoot: string, pid: number): number | undefined {
  const stat = readProc(`${procRoot}/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name in brackets may hold anything, also brackets: fields are counted from the last one.
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return Number.isFinite(ticks) ? ticks : undefined
}

/** When this machine booted, milliseconds since the epoch; 0 when it does not say. */
export function bootMs(procRoot: string): number {
  const match = /^btime (\d+)$/m.exec(readProc(`${procRoot}/stat`) ?? '')
  return match ? Number(match[1]) * 1000 : 0
}

const identitiesMax = 4096
/** A pid is not given to somebody else within this time, or so rarely that it does not matter. */
const trustMs = 5_000
/** A young process is still becoming what it will be: it changes its control group and its program. */
const youngTrustMs = 100
const ticksPerSecond = 100

/** Thread names remembered for one process; one beyond is taken for new each time. */
const commsMax = 16

interface Known {
  readonly identity: Identity
  readonly checkedMs: number
  /** How old the process was when it was read. */
  readonly ageMs: number
  /** Names that its threads have shown since it was read. */
  readonly comms: Set<string>
}

/** Identities already read, so that a busy process is not read again for each connection. */
export class Identities {
  readonly #procRoot: string
  readonly #known = new Map<number, Known>()

  constructor(procRoot: string) {
    this.#procRoot = procRoot
  }

  /** `comm`: the thread's name at the time in question; one not seen before may mean that it is another program now. */
  of(pid: number, nowMs: number, comm?: string): Identity | undefined {
    const known = this.#known.get(pid)
    const isFresh = known !== undefined && nowMs - known.checkedMs < trustOf(known)
    if (isFresh && (comm === undefined || known.comms.has(comm))) return known.identity
    const comms = isFresh && known.comms.size < commsMax ? known.comms : new Set<string>()
    if (comm !== undefined) comms.add(comm)
    const same = known !== undefined && startOf(this.#procRoot, pid) === known.identity.startTicks
    // An exec keeps pid and start: the name may be another one, so it is read anew all the same.
    const identity = identify(this.#procRoot, pid) ?? (same ? known.identity : undefined)
    this.#known.delete(pid)
    if (identity === undefined) return undefined
    if (this.#known.size >= identitiesMax) this.#known.clear()
    const ageMs = uptime() * 1000 - (identity.startTicks / ticksPerSecond) * 1000
    this.#known.set(pid, { identity, checkedMs: nowMs, ageMs, comms })
    return identity
  }
}

/** As long as it had been itself when it was read, within bounds. */
function trustOf({ ageMs }: Known): number {
  return Math.min(trustMs, Math.max(youngTrustMs, ageMs))
}
