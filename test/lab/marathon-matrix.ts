#!/usr/bin/env node
// Every network of a task on Mesos and every way to call it, played while Inkling watches: what was true beside what it found.
// --versions old, middle or new: which Marathon and Mesos. UPDATE=1 writes the table into the docs.
import { parseArgs } from 'node:util'
import { compareWays, format, isRight, keep, type Matrix, table } from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { behind, playWays, ways } from './marathon-cases.ts'
import { MarathonStage } from './marathon-stage.ts'
import { type Mesos, startMesos } from './mesos.ts'
import type { Versions } from './mesos-words.ts'

/** What ran together. */
export const pairs = {
  old: { marathon: '0.13.1', mesos: '0.28.2' },
  middle: { marathon: '1.4.9', mesos: '1.3.0' },
  new: { marathon: '1.11.24', mesos: '1.11.0' },
} as const satisfies Record<string, Versions>
export type PairName = keyof typeof pairs

/** Plays every way on a Mesos that is watched, and compares. */
export async function watchWays(mesos: Mesos, inkling: Inkling): Promise<Matrix> {
  const stage = new MarathonStage(mesos)
  await stage.set()
  return compareWays(await playWays(stage), inkling)
}

export const matrixTable = (matrix: Matrix): string => table([...ways, behind], matrix)

if (import.meta.main) {
  const { values } = parseArgs({ options: { versions: { type: 'string', default: 'new' } } })
  const mesos = await startMesos(pairs[values.versions as PairName] ?? pairs.new)
  console.log(`Marathon and Mesos are up in ${mesos.machines.place.dir}`)
  try {
    const inkling = await startInklings(mesos.machines, mesos.front.options)
    const matrix = await watchWays(mesos, inkling)
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${matrixTable(matrix)}`)
    if (process.env.UPDATE) keep('marathon matrix', matrixTable(matrix))
    if (!matrix.compared.every(isRight)) process.exitCode = 1
    if (process.env.OUTPUT) console.log(inkling.output())
    await inkling.stop()
  } finally {
    await mesos.stop()
  }
}
