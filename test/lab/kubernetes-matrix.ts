#!/usr/bin/env node
// Every way to call in a Kubernetes cluster without Docker, played while Inkling watches: what was true beside what it found.
// --nodes N: on so many machines (2). --ways a,b: only these. UPDATE=1 writes the table into the docs.
import { parseArgs } from 'node:util'
import { compareWays, format, isRight, keep, type Matrix, table } from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { type Kubernetes, startKubernetes } from './kubernetes.ts'
import { playWays, ways } from './kubernetes-cases.ts'
import { setKubernetesStage } from './kubernetes-stage.ts'

/** Plays ways in a cluster that is watched, and compares. */
export async function watchWays(
  cluster: Kubernetes,
  inkling: Inkling,
  ids?: readonly string[],
): Promise<Matrix> {
  return compareWays(await playWays(await setKubernetesStage(cluster), ids), inkling)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { nodes: { type: 'string', default: '2' }, ways: { type: 'string' } },
  })
  const cluster = await startKubernetes(Number(values.nodes))
  console.log(`A cluster of ${cluster.nodes.length} nodes is up in ${cluster.place.dir}`)
  try {
    const inkling = await startInklings(cluster, cluster.flags)
    const matrix = await watchWays(cluster, inkling, values.ways?.split(','))
    console.log(`${matrix.compared.map(format).join('\n')}\n\n${table(ways, matrix)}`)
    if (process.env.UPDATE) keep('kubernetes matrix', table(ways, matrix))
    if (process.env.SAY) console.log(inkling.output())
    if (!matrix.compared.every(isRight)) process.exitCode = 1
    await inkling.stop()
  } finally {
    cluster.stop()
  }
}
