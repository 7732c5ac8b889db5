import { finish, type Output } from './finish.ts'
import { Merge } from './merge.ts'
import { type ReadOptions, readShare } from './share.ts'

/** What `inkling read` does, in this thread and at once. */
export function readHere(files: readonly string[], options: ReadOptions, output: Output): void {
  const startMs = performance.now()
  const merge = new Merge(1, output.print)
  const whole = { index: 0, count: 1, seed: 0 }
  const totals = readShare(files, options, whole, batch => merge.add(0, batch))
  finish(totals, options, (performance.now() - startMs) / 1000, merge.late, output)
}
