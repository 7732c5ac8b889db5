import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'inkling-lab-'

/** Something the lab made that must not outlive it. */
export type Made =
  | { readonly kind: 'undo'; readonly command: readonly string[] }
  | { readonly kind: 'process'; readonly pid: number; readonly startTicks: string }

/**
 * The folder of one lab. Everything made outside it is written down in `made.jsonl` before or as it is made, so that
 * whoever comes after a lab that was killed can still undo it.
 */
export interface Place {
  readonly id: string
  readonly dir: string
}

/** A new, empty place owned by this process. */
export function createPlace(): Place {
  const id = randomBytes(3).toString('hex')
  const dir = join(tmpdir(), prefix + id)
  // Renamed when it is complete: a place without an owner would be swept by a lab that starts at the same time.
  const early = join(tmpdir(), `.${prefix}${id}`)
  mkdirSync(early, { recursive: true, mode: 0o755 })
  writeFileSync(join(early, 'owner'), `${process.pid} ${startTicks(process.pid)}`)
  renameSync(early, dir)
  return { id, dir }
}

/** Places whose owner is dead. */
export function stalePlaces(): Place[] {
  const names = readdirSync(tmpdir()).filter(name => name.startsWith(prefix))
  const places = names.map(name => ({ id: name.slice(prefix.length), dir: join(tmpdir(), name) }))
  return places.filter(({ dir }) => !isOwned(dir))
}

function isOwned(dir: string): boolean {
  const owner = join(dir, 'owner')
  if (!existsSync(owner)) return false
  const [pid, ticks] = readFileSync(owner, 'utf8').split(' ')
  return startTicks(Number(pid)) === ticks
}

/** Writes down how a thing is undone. */
export function remember({ dir }: Place, made: Made): void {
  appendFileSync(join(dir, 'made.jsonl'), `${JSON.stringify(made)}\n`)
}

export function rememberProcess(place: Place, pid: number): void {
  remember(place, { kind: 'process', pid, startTicks: startTicks(pid) ?? '' })
}

/** What was made, the latest first. */
export function allMade({ dir }: Place): Made[] {
  const path = join(dir, 'made.jsonl')
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean)
  return lines.map(line => JSON.parse(line) as Made).reverse()
}

/** When a process started, in ticks since boot: with the pid it names a process for ever. Undefined: no such process. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
