#!/usr/bin/env node
// Every way to call across the hosts of a Swarm, played while Inkling watches: what was true beside what it found.
// --nodes N: on so many machines (2). --shop: the voting shop as a stack as well. --changes: the Swarm is changed under load as well. UPDATE=1 writes the table into the docs.
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
import { type Swarm, startSwarm } from './swarm.ts'
import { playWays, ways } from './swarm-cases.ts'
import { playChanges, takeoversOf } from './swarm-changes.ts'
import { runShop, shopId } from './swarm-shop.ts'
import { setSwarmStage } from './swarm-stage.ts'

/** Plays every way on a Swarm that is watched, and compares. */
export async function watchWays(swarm: Swarm, inkling: Inkling, isBrief = false): Promise<Matrix> {
  return compareWays(await playWays(await setSwarmStage(swarm), isBrief), inkling)
}

/** Runs the voting shop as a stack, and compares its links. */
export async function watchShop(swarm: Swarm, inkling: Inkling): Promise<Matrix> {
  return compareShop(await runShop(swarm), shopId(''), inkling)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '2' },
      changes: { type: 'boolean', default: false },
      shop: { type: 'boolean', default: false },
    },
  })
  const swarm = await startSwarm({ nodes: Number(values.nodes) })
  console.log(`A Swarm of ${swarm.nodes.length} nodes is up in ${swarm.place.dir}`)
  try {
    const inkling = await startInklings(swarm)
    const matrix = await watchWays(swarm, inkling)
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${table(ways, matrix)}`)
    if (process.env.UPDATE) keep('swarm matrix', table(ways, matrix))
    if (!matrix.compared.every(isRight)) process.exitCode = 1
    if (values.shop) {
      const { compared } = await watchShop(swarm, inkling)
      console.log(`\n${compared.map(format).join('\n')}`)
      if (!compared.every(isNear)) process.exitCode = 1
    }
    if (values.changes) {
      const unrest = await playChanges(swarm)
      const verdict = await judge(inkling, unrest)
      const takeovers = takeoversOf(unrest.truth)
      console.log(`\n${formatVerdict(verdict)}`)
      console.log(`an address was nobody's for ${takeovers.join(', ')} ms`)
      if (verdict.wrong.length > 0) process.exitCode = 1
    }
    await inkling.stop()
  } finally {
    swarm.stop()
  }
}
