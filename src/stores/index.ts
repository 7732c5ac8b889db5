import { MemoryStore } from './memory/index.ts'
import type { Store } from './store.ts'

/** One way to keep things: its folder's name, and how to open it. */
export interface Member {
  readonly name: string
  open(): Store
}

/** All stores; `memory` is the meaning that the others must agree with. */
export const stores: readonly Member[] = [{ name: 'memory', open: () => new MemoryStore() }]
