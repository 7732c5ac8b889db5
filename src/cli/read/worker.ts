import { parentPort, workerData } from 'node:worker_threads'
import type { Batch } from './held-lines.ts'
import { type ReadOptions, readShare, type Share } from './share.ts'
import type { Totals } from './totals.ts'

/** What a worker is to do. */
export interface Task {
  readonly files: readonly string[]
  readonly options: ReadOptions
  readonly share: Share
  /** One number in shared memory: batches of this share that were printed. */
  readonly printed: Int32Array
}

/** What a worker says: its lines, then, once, what it read. */
export type Report = { readonly batch: Batch } | { readonly totals: Totals }

/** Batches that may wait to be printed; then the worker waits. */
const waitingMax = 2

const { files, options, share, printed } = workerData as Task
let given = 0
const totals = readShare(files, options, share, batch => {
  while (given - Atomics.load(printed, 0) >= waitingMax) {
    Atomics.wait(printed, 0, Atomics.load(printed, 0))
  }
  given++
  const report: Report = { batch }
  const { times, places, blocks } = batch
  parentPort!.postMessage(
    report,
    [times, places, ...blocks].map(array => array.buffer),
  )
})
const report: Report = { totals }
parentPort!.postMessage(report)
