import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, openClickHouse } from '../client.ts'
import { findChdb } from './chdb.ts'
import { Engine, type EngineOptions, type EngineState } from './supervisor.ts'

const found = findChdb()

/** Why tests with an engine are skipped; false when it is here. */
export const noEngine: string | false = 'refusal' in found ? found.refusal : false

/** An engine of a test, in a folder of its own unless one is given. */
export interface TestEngine {
  readonly engine: Engine
  readonly client: ClickHouse
  readonly folder: string
  /** What it told, in order. */
  readonly states: readonly EngineState[]
  readonly losses: readonly string[]
  /** Resolves when it tells such a state, or has. */
  until(kind: EngineState['kind'], after?: number): Promise<EngineState>
  close(): Promise<void>
}

/** Starts one; it need not be ready yet. */
export function testEngine(options: Partial<EngineOptions> = {}): TestEngine {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'inkling-engine-'))
  const states: EngineState[] = []
  const losses: string[] = []
  const heard = new Set<() => void>()
  const engine = new Engine({
    ...options,
    folder,
    told(state) {
      states.push(state)
      for (const hear of heard) hear()
    },
    lost: text => losses.push(text),
  })
  const client = openClickHouse({ socketPath: engine.socketPath })
  return {
    engine,
    client,
    folder,
    states,
    losses,
    until(kind, after = 0) {
      const { promise, resolve } = Promise.withResolvers<EngineState>()
      const look = () => {
        const state = states.slice(after).find(each => each.kind === kind)
        if (!state) return
        heard.delete(look)
        resolve(state)
      }
      heard.add(look)
      look()
      return promise
    },
    async close() {
      await client.close()
      await engine.stop()
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The text of an answer, less its last end of line. */
export async function textOf(client: ClickHouse, sql: string): Promise<string> {
  return (await client.query(sql)).toString().replace(/\n$/, '')
}
