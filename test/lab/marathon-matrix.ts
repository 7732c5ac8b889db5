#!/usr/bin/env node
// Every network of a task on Mesos and every way to call it, played while Inkling watches: what was true beside what it found.
// --versions old, middle or new: which Marathon and Mesos. --shop: the voting shop on them as well. UPDATE=1 writes the table into the docs.
import { parseArgs } from 'node:util'
import {
  type Compared,
  compareWays,
  format,
  isRight,
  keep,
  type Matrix,
  table,
} from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { behind, playWays, ways } from './marathon-cases.ts'
import { runShop, shopId } from './marathon-shop.ts'
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

/** Runs the voting shop, and compares its links. */
export async function watchShop(mesos: Mesos, inkling: Inkling): Promise<Matrix> {
  const expected = await runShop(mesos)
  const way = { name: 'the voting shop' }
  const matrix = await compareWays([{ way, reach: 'across hosts', expected }], inkling)
  const compared = matrix.compared.filter(({ link }) => link.includes(shopId('')))
  return { ...matrix, compared }
}

/** Within 1 %, as a busy map promises. */
export const isNear = ({ trueCalls, foundCalls }: Compared): boolean =>
  Math.abs(foundCalls - trueCalls) <= trueCalls * 0.01

export const matrixTable = (matrix: Matrix): string => table([...ways, behind], matrix)

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      versions: { type: 'string', default: 'new' },
      shop: { type: 'boolean', default: false },
    },
  })
  const mesos = await startMesos(pairs[values.versions as PairName] ?? pairs.new)
  console.log(`Marathon and Mesos are up in ${mesos.machines.place.dir}`)
  try {
    const inkling = await startInklings(mesos.machines, mesos.front.options)
    const matrix = await watchWays(mesos, inkling)
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${matrixTable(matrix)}`)
    if (process.env.UPDATE) keep('marathon matrix', matrixTable(matrix))
    if (!matrix.compared.every(isRight)) process.exitCode = 1
    if (values.shop) {
      const { compared } = await watchShop(mesos, inkling)
      console.log(compared.map(format).join('\n'))
      if (!compared.every(isNear)) process.exitCode = 1
    }
    await inkling.stop()
  } finally {
    await mesos.stop()
  }
}
