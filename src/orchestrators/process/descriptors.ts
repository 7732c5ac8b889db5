import { readdirSync } from 'node:fs'
import { inodeOf, linkOf } from '../proc.ts'

/** Sockets remembered; beyond it all are forgotten and found anew. */
const ownersMax = 65_536
/** Wanted at the same time; more are not looked for, and counted. */
const wantedMax = 4_096
/** A socket that no process had in a whole pass (the kernel's own, or another pid namespace's) is left alone so long. */
const hopelessMs = 60_000
const initPid = 1
/** Processes asked first because they live where something is wanted. */
const nearMax = 512

/**
 * Finds which process holds a socket, by `/proc/<pid>/fd`. That is a link to read per open file of the machine, so it is
 * done only while sockets are wanted, in slices, and remembered.
 */
export class Descriptors {
  readonly #procRoot: string
  readonly #owners = new Map<number, number>()
  readonly #wanted = new Map<number, number>()
  readonly #hopeless = new Map<number, number>()
  #pass: number[] = []
  #passes = 0
  #hinted = false
  /** Who is asked first for what is wanted: who lives where it was seen. */
  #near: number[] = []
  /** Sockets not looked for because too many were wanted. */
  refused = 0

  constructor(procRoot: string) {
    this.#procRoot = procRoot
  }

  /** The process that holds this socket, if that is known by now; else it is wanted from now on, of those `near` first. */
  ownerOf(inode: number, nowMs: number, near: readonly number[] = []): number | undefined {
    const pid = this.#owners.get(inode)
    if (pid !== undefined || inode === 0) return pid
    if (nowMs - (this.#hopeless.get(inode) ?? -hopelessMs) < hopelessMs) return undefined
    if (this.#wanted.has(inode)) return undefined
    if (this.#wanted.size >= wantedMax) {
      this.refused++
      return undefined
    }
    this.#wanted.set(inode, this.#passes + 1)
    this.#hinted = false
    if (this.#near.length < nearMax) this.#near.push(...near.slice(0, nearMax))
    return undefined
  }

  /** The process that held it is gone; somebody else may hold it now. */
  forget(inode: number): void {
    this.#owners.delete(inode)
  }

  isWanted(inode: number): boolean {
    return this.#wanted.has(inode)
  }

  get wanted(): number {
    return this.#wanted.size
  }

  /** Looks for what is wanted, for about `budgetMs`; `hints` are asked first. Answers how long it took. */
  search(budgetMs: number, nowMs: number, hints: Iterable<number> = []): number {
    const startMs = performance.now()
    let spentMs = 0
    while (this.#wanted.size > 0 && spentMs < budgetMs) {
      if (this.#pass.length === 0 && !this.#begin()) break
      // Also in the middle of a pass: those who talk already are the likeliest to have opened what is new.
      if (!this.#hinted) this.#pass.push(...hints, ...this.#near)
      this.#hinted = true
      this.#near = []
      this.#look(this.#pass.pop()!)
      if (this.#pass.length === 0) this.#giveUp(nowMs)
      spentMs = performance.now() - startMs
    }
    return spentMs
  }

  /** A new pass over all processes: by age, init last since it holds others' listeners too. */
  #begin(): boolean {
    const pids = pidsOf(this.#procRoot).filter(pid => pid !== initPid)
    if (pids.length === 0) return false
    this.#passes++
    this.#pass = [initPid, ...pids.sort((a, b) => b - a)]
    return true
  }

  #look(pid: number): void {
    for (const descriptor of names(`${this.#procRoot}/${pid}/fd`)) {
      const link = linkOf(`${this.#procRoot}/${pid}/fd/${descriptor}`)
      if (link === undefined || !link.startsWith('socket:')) continue
      const inode = Number(inodeOf(link))
      if (this.#owners.has(inode)) continue
      if (this.#owners.size >= ownersMax) this.#owners.clear()
      this.#owners.set(inode, pid)
      this.#wanted.delete(inode)
    }
  }

  /** What was wanted when the pass began and was not found has no owner that we can see. */
  #giveUp(nowMs: number): void {
    if (this.#hopeless.size >= ownersMax) this.#hopeless.clear()
    for (const [inode, since] of this.#wanted) {
      if (since > this.#passes) continue
      this.#wanted.delete(inode)
      this.#hopeless.set(inode, nowMs)
    }
  }
}

function pidsOf(procRoot: string): number[] {
  return names(procRoot)
    .map(Number)
    .filter(pid => pid > 0)
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
