import type { Chdb } from './chdb.ts'
import { fault, faultOf } from './fault.ts'

/** Operations that wait for others to end; more are refused. */
const waitingMax = 1024

interface Waiting {
  readonly begin: () => void
  readonly signal: AbortSignal
}

/**
 * One folder of the engine. Each operation has a connection of its own: a connection whose query failed half-way puts the
 * rows of that query before the next answer, and keeps its settings. A new one costs 0.1 ms.
 */
export class Connections {
  readonly #chdb: Chdb
  readonly #folder: string
  readonly #args: readonly string[]
  readonly #max: number
  readonly #waiting: Waiting[] = []
  /** While it is open the engine is. */
  readonly #first: unknown
  #running = 0

  /** Throws when the engine cannot open the folder; its reasons are on stderr. */
  constructor(chdb: Chdb, folder: string, args: readonly string[], max: number) {
    this.#chdb = chdb
    this.#folder = folder
    this.#args = args
    this.#max = max
    this.#first = chdb.CreateConnection(folder, args)
    if (!this.#first) throw new Error('The engine gave no connection')
  }

  /** Runs when there is a place for it; a signal that aborts gives the place up while it waits. Throws `EngineFault`. */
  async run(sql: string, format: string, signal: AbortSignal): Promise<Buffer> {
    await this.#place(signal)
    try {
      return await this.beside(sql, format)
    } finally {
      this.#running--
      this.#waiting.shift()?.begin()
    }
  }

  /** Runs at once, however many others do: for what looks after them. */
  async beside(sql: string, format: string): Promise<Buffer> {
    let connection: unknown
    try {
      connection = this.#chdb.CreateConnection(this.#folder, this.#args)
      const { bytes } = await this.#chdb.QueryAsyncConnection(connection, sql, format)
      return bytes
    } catch (error) {
      throw faultOf(error)
    } finally {
      if (connection) this.#chdb.CloseConnection(connection)
    }
  }

  /** Gives the folder back. Nothing may run any more. */
  close(): void {
    this.#chdb.CloseConnection(this.#first)
  }

  #place(signal: AbortSignal): Promise<void> | void {
    if (this.#running < this.#max) {
      this.#running++
      return
    }
    if (this.#waiting.length >= waitingMax) {
      throw fault('TOO_MANY_SIMULTANEOUS_QUERIES', `${waitingMax} operations wait already`)
    }
    return new Promise((resolve, reject) => {
      const left = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(fault('QUERY_WAS_CANCELLED', 'Its client has gone'))
      }
      const begin = () => {
        signal.removeEventListener('abort', left)
        this.#running++
        resolve()
      }
      const waiting = { begin, signal }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', left, { once: true })
    })
  }
}
