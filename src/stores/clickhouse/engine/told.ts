import type { EngineLimits } from './limits.ts'

/** What the server tells its engine at its start, as its one argument in JSON. */
export interface EngineOrder {
  /** The engine's own folder. */
  readonly data: string
  /** Where the data of inserts waits to be read. */
  readonly incoming: string
  /** A file whose room is given up when the disk is full. */
  readonly reserve: string
  readonly socketPath: string
  readonly limits: EngineLimits
}

/** What the engine's process tells the server that started it. */
export type EngineNews =
  | { readonly type: 'ready'; readonly version: string; readonly broken: readonly BrokenParts[] }
  /** The library cannot be had here: no use to try again. */
  | { readonly type: 'absent'; readonly words: string }
  /** The engine did not open the folder; why stands on stderr. */
  | { readonly type: 'closed'; readonly words: string }

/** Parts of a table that the engine found unreadable when it started, and put aside. */
export interface BrokenParts {
  readonly table: string
  readonly parts: number
  readonly bytes: number
}

/** The server tells its engine to end, once what runs is done. */
export const stopOrder = 'stop'
