import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Report, Task } from './worker.ts'

export interface FuzzOptions {
  readonly seed: number
  /** Inputs `first` up to, and without, `end`. */
  readonly first: number
  readonly end: number
  readonly threads?: number
  finding(input: number, text: string): void
  progress?(inputs: number): void
}

/** An input that takes so long hangs: its thread is ended. */
const hangMs = 20_000
const lookMs = 1000

/**
 * Hears inputs in several threads. A finding is a decoder that throws, an input that hangs or takes seconds, memory that
 * stays held, numbers or texts that make no sense. Answers the memory of each thread as it went, in megabytes.
 */
export async function fuzz(options: FuzzOptions): Promise<number[][]> {
  const { threads = availableParallelism() } = options
  return Promise.all(Array.from({ length: threads }, (_, i) => run(options, i, threads)))
}

function run(options: FuzzOptions, index: number, step: number): Promise<number[]> {
  const { seed, end } = options
  const at = new Int32Array(new SharedArrayBuffer(4))
  const first = options.first + index
  const task: Task = { seed, first, step, end, at }
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task })
  const heapMb: number[] = []
  worker.on('message', (report: Report) => {
    if ('heapMb' in report) heapMb.push(report.heapMb)
    else options.finding(report.input, report.finding)
  })
  return new Promise((resolve, reject) => {
    const stop = watch(at, input => {
      options.finding(input, `hangs: it took more than ${hangMs / 1000} s`)
      worker.terminate()
    })
    const look = setInterval(() => options.progress?.(Atomics.load(at, 0)), lookMs)
    worker.on('error', reject)
    worker.on('exit', () => {
      stop()
      clearInterval(look)
      resolve(heapMb)
    })
  })
}

/** Calls `hung` when the number has not changed for too long; answers how to stop. */
function watch(at: Int32Array, hung: (input: number) => void): () => void {
  let last = -1
  let sinceMs = performance.now()
  const timer = setInterval(() => {
    const input = Atomics.load(at, 0)
    if (input !== last) {
      last = input
      sinceMs = performance.now()
    } else if (performance.now() - sinceMs > hangMs) hung(input)
  }, lookMs)
  return () => clearInterval(timer)
}
