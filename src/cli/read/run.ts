import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { finish, type Output } from './finish.ts'
import { Merge } from './merge.ts'
import type { ReadOptions } from './share.ts'
import { type Totals, total } from './totals.ts'
import type { Report, Task } from './worker.ts'

/** A second core saves more than the time it takes to start its thread only where there is this much to read. */
const worthBytes = 24 * 1024 * 1024
/** Every thread reads all packets to find its own: more threads than these gain nothing. */
const threadsMax = 8

/**
 * What `inkling read` does. Files are read one after the other as one capture, so that a ring of files reads like one;
 * large ones by several threads, each of which decodes a share of the flows.
 * Throws a `Fault` that names what is wrong with them, after all that could be read was printed.
 */
export async function readCaptures(
  files: readonly string[],
  options: ReadOptions,
  output: Output,
): Promise<void> {
  const threads = threadsFor(files)
  if (threads > 1) return readByThreads(threads, files, options, output)
  // decoders are loaded where they decode: each thread loads its own
  const { readHere } = await import('./here.ts')
  readHere(files, options, output)
}

/** The same by so many threads. */
export async function readByThreads(
  threads: number,
  files: readonly string[],
  options: ReadOptions,
  output: Output,
): Promise<void> {
  const startMs = performance.now()
  const printed = Array.from({ length: threads }, () => new Int32Array(new SharedArrayBuffer(4)))
  const merge = new Merge(threads, output.print, share => {
    Atomics.add(printed[share], 0, 1)
    Atomics.notify(printed[share], 0)
  })
  const seed = Math.floor(Math.random() * 2 ** 32)
  const shares = printed.map((printed, index) =>
    readThere({ files, options, share: { index, count: threads, seed }, printed }, merge),
  )
  const totals = total(await Promise.all(shares))
  finish(totals, options, (performance.now() - startMs) / 1000, merge.late, output)
}

function readThere(task: Task, merge: Merge): Promise<Totals> {
  const { index } = task.share
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task })
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.on('message', (report: Report) => {
      if ('batch' in report) merge.add(index, report.batch)
      else {
        merge.end(index)
        resolve(report.totals)
      }
    })
  })
}

/** What is no plain file (standard input) can be read once only. */
function threadsFor(files: readonly string[]): number {
  let bytes = 0
  for (const file of files) {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (!stats?.isFile()) return 1
    bytes += stats.size
  }
  return bytes < worthBytes ? 1 : Math.min(threadsMax, availableParallelism())
}
