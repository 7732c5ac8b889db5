import type { WindowBatch } from '#model/window.ts'
import { giveUpOwners, type NodeTables, nameOwners } from './owners.ts'

/** Seconds after which a window without an owner is told without one. Finding a process that was there before us takes a search or two. */
const patienceSeconds = 4

/** Names the owners of each second's windows; those it cannot name yet it tells some seconds later. */
export class Naming {
  /** Windows dropped because the engine's proxy made the calls on behalf of others. */
  plumbing = 0
  #waiting: { batch: WindowBatch; tries: number }[] = []

  /** What can be told now: this second's windows, and late ones of seconds before, each with its own start. */
  name(batch: WindowBatch, tables: NodeTables): WindowBatch[] {
    const asked = [...this.#waiting, { batch, tries: 0 }]
    this.#waiting = []
    return asked.flatMap(({ batch, tries }) => {
      const { windows, unowned, plumbing } = nameOwners(batch.windows, tables)
      this.plumbing += plumbing
      const isOver = tries >= patienceSeconds
      if (!isOver && unowned.length > 0) {
        this.#waiting.push({ batch: { ...batch, windows: unowned, names: [] }, tries: tries + 1 })
      }
      const told = isOver ? [...windows, ...giveUpOwners(unowned, tables)] : windows
      return tries === 0 || told.length > 0 ? [{ ...batch, windows: told }] : []
    })
  }
}
