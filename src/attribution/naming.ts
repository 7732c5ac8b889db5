import type { WindowBatch } from '#model/window.ts'
import { giveUpOwners, type NodeTables, nameOwners } from './owners.ts'
import { isRefusedCopy, type Refusals, refusalsOf } from './refusals.ts'

/** Seconds after which a window without an owner is told without one. Finding a process that was there before us takes a search or two. */
const patienceSeconds = 4

/** A second, and what containers failed to connect to about then. */
interface Asked {
  readonly batch: WindowBatch
  readonly refusals: Refusals
  readonly tries: number
}

/** Names the owners of each second's windows; those it cannot name yet it tells some seconds later. */
export class Naming {
  /** Windows dropped because the engine's proxy, or the node itself, made the calls on behalf of others. */
  plumbing = 0
  #waiting: Asked[] = []
  /** Of the second before: what a container did at its end may have been seen leaving the node in the next. */
  #refusals: Refusals = new Set()

  /** What can be told now: this second's windows, and late ones of seconds before, each with its own start. */
  name(batch: WindowBatch, tables: NodeTables): WindowBatch[] {
    const own = refusalsOf(batch.windows, tables)
    const before = this.#waiting.map(each =>
      each.tries === 1 ? { ...each, refusals: each.refusals.union(own) } : each,
    )
    const asked = [...before, { batch, refusals: own.union(this.#refusals), tries: 0 }]
    this.#waiting = []
    this.#refusals = own
    return asked.flatMap(({ batch, refusals, tries }) => {
      const { windows, unowned, plumbing } = nameOwners(batch.windows, tables)
      this.plumbing += plumbing
      const isOver = tries >= patienceSeconds
      if (!isOver && unowned.length > 0) {
        const waiting = { ...batch, windows: unowned, names: [] }
        this.#waiting.push({ batch: waiting, refusals, tries: tries + 1 })
      }
      if (!isOver) return tries === 0 || windows.length > 0 ? [{ ...batch, windows }] : []
      const nobodys = unowned.filter(window => !isRefusedCopy(window, refusals, tables))
      this.plumbing += unowned.length - nobodys.length
      const told = [...windows, ...giveUpOwners(nobodys, tables)]
      return tries === 0 || told.length > 0 ? [{ ...batch, windows: told }] : []
    })
  }
}
