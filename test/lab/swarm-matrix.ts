#!/usr/bin/env node
// Every way to call across the hosts of a Swarm, played while Inkling watches: what was true beside what it found.
// --nodes N: on so many machines (2). --changes: the Swarm is changed under load as well. UPDATE=1 writes the table into the docs.
import { parseArgs } from 'node:util'
import { compareWays, format, isRight, keep, type Matrix, table } from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { format as formatVerdict, judge } from './judge.ts'
import { type Swarm, startSwarm } from './swarm.ts'
import { playWays, ways } from './swarm-cases.ts'
import { playChanges, takeoversOf } from './swarm-changes.ts'
import { setSwarmStage } from './swarm-stage.ts'

/** Plays every way on a Swarm that is watched, and compares. */
export async function watchWays(swarm: Swarm, inkling: Inkling, isBrief = false): Promise<Matrix> {
  return compareWays(await playWays(await setSwarmStage(swarm), isBrief), inkling)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '2' },
      changes: { type: 'boolean', default: false },
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
