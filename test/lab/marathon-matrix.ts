#!/usr/bin/env node
// Every network of a task on Mesos and every way to call it, played while Inkling watches: what was true beside what it found.
// Arguments: ways (usual), shop (the voting shop as apps of Marathon's), changes (apps changed under load).
// --versions old, middle or new: which Marathon and Mesos. UPDATE=1 writes the table of the ways into the docs.
import { parseArgs } from 'node:util'
import {
  compareShop,
  compareWays,
  format,
  isNear,
  isRight,
  keep,
  type Matrix,
  table,
} from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { format as formatVerdict, judge } from './judge.ts'
import { behind, playWays, ways } from './marathon-cases.ts'
import { playChanges } from './marathon-changes.ts'
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
  return compareShop(await runShop(mesos), shopId(''), inkling)
}

export const matrixTable = (matrix: Matrix): string => table([...ways, behind], matrix)

/** What can be played; each says whether all was right. */
const plays: Readonly<Record<string, (mesos: Mesos, inkling: Inkling) => Promise<boolean>>> = {
  ways: async (mesos, inkling) => {
    const matrix = await watchWays(mesos, inkling)
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${matrixTable(matrix)}`)
    if (process.env.UPDATE) keep('marathon matrix', matrixTable(matrix))
    return matrix.compared.every(isRight)
  },
  shop: async (mesos, inkling) => {
    const { compared } = await watchShop(mesos, inkling)
    console.log(compared.map(format).join('\n'))
    return compared.every(isNear)
  },
  changes: async (mesos, inkling) => {
    const verdict = await judge(inkling, await playChanges(mesos))
    console.log(formatVerdict(verdict))
    return verdict.wrong.length === 0
  },
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { versions: { type: 'string', default: 'new' } },
  })
  const mesos = await startMesos(pairs[values.versions as PairName] ?? pairs.new)
  console.log(`Marathon and Mesos are up in ${mesos.machines.place.dir}`)
  try {
    const inkling = await startInklings(mesos.machines, mesos.front.options)
    for (const name of positionals.length > 0 ? positionals : ['ways']) {
      if (!(await plays[name]?.(mesos, inkling))) process.exitCode = 1
    }
    await inkling.stop()
  } finally {
    await mesos.stop()
  }
}

if (import.meta.main) await main()
