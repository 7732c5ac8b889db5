import { parentPort, workerData } from 'node:worker_threads'
import { random } from '#lib/random.ts'
import { readCorpus } from './corpus.ts'
import { Hearing } from './hear.ts'

/** Inputs `first`, `first + step`, ... below `end`. */
export interface Task {
  readonly seed: number
  readonly first: number
  readonly step: number
  readonly end: number
  /** One number in shared memory: the input at hand. */
  readonly at: Int32Array
}

/** An input that went wrong, or the memory at a time. */
export type Report =
  | { readonly input: number; readonly finding: string }
  | { readonly heapMb: number }

/** Inputs between two looks at the memory. */
const lookEvery = 100_000

const { seed, first, step, end, at } = workerData as Task
const hearing = new Hearing(readCorpus())
const say = (report: Report) => parentPort!.postMessage(report)
for (let input = first, heard = 0; input < end; input += step, heard++) {
  Atomics.store(at, 0, input)
  const finding = hearing.hear(random(seedOf(seed, input)))
  if (finding !== undefined) say({ input, finding })
  if (heard % lookEvery === lookEvery - 1) say({ heapMb: heapMb() })
}

/** Every input has a seed of its own, so that each can be heard alone. */
function seedOf(seed: number, input: number): number {
  return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(input, 0xc2b2ae35)
}

function heapMb(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}
