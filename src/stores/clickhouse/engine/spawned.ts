import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { threadPoolOf } from './limits.ts'
import { type EngineNews, type EngineOrder, stopOrder } from './told.ts'

/** How an engine's process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last of what it wrote on stderr. */
  readonly stderr: string
}

const stderrCharsMax = 4096
/** Of V8 alone: what the engine itself takes is not of its heap. */
const heapMiB = 128
const entry = join(import.meta.dirname, 'child.ts')

/** One run of the engine's process. */
export class Spawned {
  /** What it tells first; undefined when it ends before. */
  readonly news: Promise<EngineNews | undefined>
  readonly ended: Promise<Ended>
  readonly #over = new AbortController()
  readonly #child: ChildProcess
  #stderr = ''

  constructor(order: EngineOrder) {
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${heapMiB}`, entry, JSON.stringify(order)],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        env: {
          ...process.env,
          UV_THREADPOOL_SIZE: String(threadPoolOf(order.limits)),
          // Times as text mean the same wherever it runs.
          TZ: 'UTC',
        },
      },
    )
    this.#child = child
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrCharsMax)
    })
    this.ended = this.#untilEnded()
    const told = new Promise<EngineNews>(resolve => child.once('message', resolve as () => void))
    this.news = Promise.race([told, this.ended.then(() => undefined)])
  }

  /** Aborts when it has ended. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Asks it to end what runs, and itself. */
  stop(): void {
    if (this.#child.connected) this.#child.send(stopOrder, () => {})
  }

  /** Ends it at once: an engine that met a fatal signal hangs for minutes, and hears no other. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Memory that is its own, not mapped of files; undefined where that is not told (no Linux). */
  async privateBytes(): Promise<number | undefined> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8').catch(() => '')
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(status) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  }

  #untilEnded(): Promise<Ended> {
    return new Promise(resolve => {
      const over = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#over.abort()
        resolve({ code, signal, stderr: this.#stderr })
      }
      this.#child.once('close', over)
      this.#child.once('error', error => {
        this.#stderr += `${error.message}\n`
        if (this.pid === undefined) over(null, null)
      })
    })
  }
}
