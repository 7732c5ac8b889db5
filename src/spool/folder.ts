import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { codeOf, messageOf } from '#lib/fault.ts'

/** The folder where a spool is when none is named: what the system calls the place for state. */
export function defaultFolder(env: NodeJS.ProcessEnv, userId: number | undefined): string {
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, 'inkling/spool')
  if (userId === 0) return '/var/lib/inkling/spool'
  return join(env.HOME ?? homedir(), '.local/state/inkling/spool')
}

const lockName = 'lock'
/** `<when it began, ms>-<run>.spool`: names in order are segments in order. */
const segmentName = /^(\d{15})-([0-9A-Za-z-]{1,64})\.spool$/

export interface SegmentFile {
  readonly path: string
  readonly startMs: number
  readonly run: string
}

/** A folder that belongs to this process until it ends. */
export class Folder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** What former runs left, oldest first. */
  segments(): SegmentFile[] {
    return readdirSync(this.path)
      .sort()
      .flatMap(name => {
        const [, startMs, run] = segmentName.exec(name) ?? []
        return run ? [{ path: join(this.path, name), startMs: Number(startMs), run }] : []
      })
  }

  pathOf(startMs: number, run: string): string {
    const padded = String(Math.max(0, Math.floor(startMs))).padStart(15, '0')
    return join(this.path, `${padded}-${run}.spool`)
  }

  /** Gives the folder back. Who is killed need not: the next one sees that nobody holds it. */
  release(): void {
    rmSync(join(this.path, lockName), { force: true })
  }
}

/** Makes and takes a folder, for this process alone; or says in a sentence why not. */
export function takeFolder(path: string): Folder | { readonly refusal: string } {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    const holder = lock(join(path, lockName))
    if (holder === undefined) return new Folder(path)
    return { refusal: `${path} is in use by process ${holder}: name another with --spool` }
  } catch (error) {
    return { refusal: sentenceOf(error, path) }
  }
}

function sentenceOf(error: unknown, path: string): string {
  const code = codeOf(error)
  if (code === 'EROFS') return `${path} is on a read-only file system`
  if (code === 'EACCES' || code === 'EPERM') return `${path} may not be written`
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${path} is no folder`
  return `${path} cannot be used (${messageOf(error)})`
}

/** Who is killed may take a while to end, with all that it held. */
const endingMs = 3000
const lookMs = 50

/** Answers who holds it; undefined when it is ours now. */
function lock(path: string): string | undefined {
  for (let attempt = 0; ; attempt++) {
    try {
      const { start } = processAt(process.pid) ?? { start: '' }
      writeFileSync(path, `${process.pid} ${start}\n`, { flag: 'wx', mode: 0o600 })
      return undefined
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || attempt > 0) throw error
    }
    const holder = holderAfterWait(path)
    if (holder !== undefined) return holder
    rmSync(path, { force: true })
  }
}

/** Who holds it, once whoever is about to end had time to. Blocks this thread: it has nothing else to do yet. */
function holderAfterWait(path: string): string | undefined {
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  const endMs = performance.now() + endingMs
  for (;;) {
    const holder = holderOf(path)
    if (holder === undefined || performance.now() > endMs) return holder
    Atomics.wait(nobody, 0, 0, lookMs)
  }
}

function holderOf(path: string): string | undefined {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const [pid, start] = text.trim().split(' ')
  if (!start || Number(pid) === process.pid) return undefined
  const found = processAt(Number(pid))
  return found?.start === start && found.isAlive ? pid : undefined
}

interface ProcessState {
  /** When it began, in ticks since boot: tells it from a later one of the same number. */
  readonly start: string
  /** It has not ended, only to be buried by its parent. */
  readonly isAlive: boolean
}

/** Field 3 and 22 of `/proc/<pid>/stat` (proc(5)), counted after the name, which may hold anything. */
function processAt(pid: number): ProcessState | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { start: fields[19], isAlive: !/[ZXx]/.test(fields[0]) }
  } catch {
    return undefined
  }
}
