import { closeSync, openSync, readSync } from 'node:fs'
import type { Instance, Usage } from '#model/service.ts'
import { ControlGroupPlaces, findHierarchies } from './control-group-place.ts'
import { readProc } from './proc.ts'

/** What is measured: a container of this node and its first process. */
export type Measurable = Pick<Instance, 'id' | 'pid'>

/** Containers measured: each holds three files open. */
export const measuredMax = 1000
/** Files are opened for so many at once: the first time costs most. */
const openedAtOnceMax = 100
/** A group that cannot be found is looked for so often: a container may not be in its group yet. */
const triesMax = 3
/** Limits are read anew each so many times. */
const limitsEvery = 6
/** A rate over less than this says nothing. */
const leastMs = 500
/** v1 has no word for `no limit`: it is a number near 2^63. */
const limitlessBytes = 2 ** 60
const bytesMax = 8192

/** Files of a container's control groups: those read each time stay open. */
interface Group {
  readonly pid: number
  readonly cpu: number | undefined
  readonly memory: number | undefined
  readonly stat: number | undefined
  readonly v2: boolean
  readonly cpuFolder: string | undefined
  readonly memoryFolder: string | undefined
  looks: number
  limits: Pick<Usage, 'cpusMax' | 'memoryBytesMax'>
  /** Processor time and when it was read. */
  before: { readonly cpuMs: number; readonly atMs: number } | undefined
}

/**
 * What containers of this node take of it, read from its control groups (v1, v2 and both together). Three small reads of
 * open files a container: 200 of them cost some 4 ms.
 */
export class UsageMeter {
  readonly #procRoot: string
  readonly #places: ControlGroupPlaces
  readonly #groups = new Map<string, Group>()
  /** Ids of those that were not found, how often. */
  readonly #tries = new Map<string, number>()
  readonly #buffer = Buffer.alloc(bytesMax)
  #expected: readonly Measurable[] = []

  constructor(procRoot: string, hierarchies = findHierarchies(procRoot)) {
    this.#procRoot = procRoot
    this.#places = new ControlGroupPlaces(hierarchies)
  }

  /** These are there now. */
  expect(instances: readonly Measurable[]): void {
    this.#expected = instances.filter(({ pid }) => pid !== undefined).slice(0, measuredMax)
    const pids = new Map(this.#expected.map(({ id, pid }) => [id, pid]))
    for (const [id, group] of this.#groups) if (pids.get(id) !== group.pid) this.#close(id)
    for (const id of this.#tries.keys()) if (!pids.has(id)) this.#tries.delete(id)
  }

  /** What each takes now; processor time from the second time on. */
  measure(nowMs: number): Map<string, Usage> {
    const usages = new Map<string, Usage>()
    let opened = 0
    for (const { id, pid } of this.#expected) {
      if (!this.#groups.has(id) && opened < openedAtOnceMax) {
        opened++
        this.#open(id, pid!)
      }
      const group = this.#groups.get(id)
      const usage = group && this.#usageOf(group, nowMs)
      if (usage && Object.keys(usage).length > 0) usages.set(id, usage)
    }
    return usages
  }

  close(): void {
    for (const id of [...this.#groups.keys()]) this.#close(id)
  }

  #open(id: string, pid: number): void {
    const tries = this.#tries.get(id) ?? 0
    if (tries >= triesMax) return
    const cgroup = readProc(`${this.#procRoot}/${pid}/cgroup`) ?? ''
    const placeOf = (controller: string) => own(this.#places.folderOf(cgroup, controller), id)
    const [memory, cpu] = [placeOf('memory'), placeOf('cpuacct')]
    if (!memory && !cpu) {
      this.#tries.set(id, tries + 1)
      return
    }
    const quota = cpu?.v2 ? cpu : placeOf('cpu')
    this.#groups.set(id, {
      pid,
      cpu: cpu && opened(`${cpu.folder}/${cpu.v2 ? 'cpu.stat' : 'cpuacct.usage'}`),
      memory:
        memory &&
        opened(`${memory.folder}/${memory.v2 ? 'memory.current' : 'memory.usage_in_bytes'}`),
      stat: memory && opened(`${memory.folder}/memory.stat`),
      v2: cpu?.v2 ?? false,
      cpuFolder: quota?.folder,
      memoryFolder: memory?.folder,
      ...{ looks: 0, limits: {}, before: undefined },
    })
  }

  #usageOf(group: Group, nowMs: number): Usage {
    if (group.looks++ % limitsEvery === 0) group.limits = limitsOf(group)
    const cpus = this.#cpusOf(group, nowMs)
    const memoryBytes = this.#memoryOf(group)
    return {
      ...(cpus !== undefined && { cpus }),
      ...(memoryBytes !== undefined && { memoryBytes }),
      ...group.limits,
    }
  }

  #cpusOf(group: Group, nowMs: number): number | undefined {
    const text = this.#read(group.cpu)
    const number = group.v2 ? fieldOf(text, 'usage_usec') : numberOf(text)
    if (number === undefined) return undefined
    const cpuMs = number / (group.v2 ? 1e3 : 1e6)
    const { before } = group
    group.before = { cpuMs, atMs: nowMs }
    if (!before || nowMs - before.atMs < leastMs || cpuMs < before.cpuMs) return undefined
    return Math.round(((cpuMs - before.cpuMs) / (nowMs - before.atMs)) * 1000) / 1000
  }

  /** Without the pages of files that nobody used lately: they are given back when there is need. */
  #memoryOf({ memory, stat }: Group): number | undefined {
    const all = numberOf(this.#read(memory))
    if (all === undefined) return undefined
    const text = this.#read(stat)
    const idle = fieldOf(text, 'total_inactive_file') ?? fieldOf(text, 'inactive_file') ?? 0
    return Math.max(0, all - idle)
  }

  #read(file: number | undefined): string {
    if (file === undefined) return ''
    try {
      const length = readSync(file, this.#buffer, 0, bytesMax, 0)
      return this.#buffer.toString('latin1', 0, length)
    } catch {
      // The group is gone; its engine tells so in a moment.
      return ''
    }
  }

  #close(id: string): void {
    const { cpu, memory, stat } = this.#groups.get(id)!
    this.#groups.delete(id)
    for (const file of [cpu, memory, stat]) if (file !== undefined) closeSync(file)
  }
}

interface Place {
  readonly folder: string
  readonly v2: boolean
}

/**
 * The container's own group, which has its id in its name: its process may be in one below. What is in no group of its own is
 * not measured: it would be the whole machine.
 */
function own(place: Place | undefined, id: string): Place | undefined {
  const name = id.replace(/^docker:/, '')
  const at = place?.folder.indexOf(name) ?? -1
  if (!place || at < 0) return undefined
  const end = place.folder.indexOf('/', at)
  return end < 0 ? place : { ...place, folder: place.folder.slice(0, end) }
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch {
    // This controller is not there, or the group is gone: the rest is measured.
    return undefined
  }
}

function limitsOf({ v2, cpuFolder, memoryFolder }: Group): Group['limits'] {
  const cpusMax = cpuFolder === undefined ? undefined : cpusMaxIn(cpuFolder, v2)
  const [max, limit] = ['memory.max', 'memory.limit_in_bytes'].map(name =>
    numberOf(readProc(`${memoryFolder}/${name}`) ?? ''),
  )
  const memoryBytesMax = max ?? (limit !== undefined && limit < limitlessBytes ? limit : undefined)
  return {
    ...(cpusMax !== undefined && { cpusMax }),
    ...(memoryBytesMax !== undefined && { memoryBytesMax }),
  }
}

/** `50000 100000` is half a processor; `max 100000` and a quota of -1 are no limit. */
function cpusMaxIn(folder: string, v2: boolean): number | undefined {
  const texts = v2
    ? (readProc(`${folder}/cpu.max`) ?? '').split(' ')
    : ['quota', 'period'].map(name => readProc(`${folder}/cpu.cfs_${name}_us`) ?? '')
  const [quota, period] = texts.map(numberOf)
  return quota !== undefined && period ? Math.round((quota / period) * 1000) / 1000 : undefined
}

/** A number alone in a text; undefined when it is none, or less than 0. */
function numberOf(text: string): number | undefined {
  return /^\d+\s*$/.test(text) ? Number(text) : undefined
}

/** The number after a name at the beginning of a line. */
function fieldOf(text: string, name: string): number | undefined {
  const at = text.startsWith(`${name} `) ? 0 : text.indexOf(`\n${name} `) + 1
  if (at === 0 && !text.startsWith(`${name} `)) return undefined
  return Number.parseInt(text.slice(at + name.length + 1, at + name.length + 24), 10)
}
