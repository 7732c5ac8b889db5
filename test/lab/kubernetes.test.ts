import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { format, isExcused, isRight, table } from './comparison.ts'
import { type Inkling, startInklings } from './inkling.ts'
import { type Kubernetes, startKubernetes } from './kubernetes.ts'
import { ways } from './kubernetes-cases.ts'
import { watchWays } from './kubernetes-matrix.ts'
import { leftoversOf } from './leftovers.ts'
import { lackForMachines } from './machines.ts'

const skip = lackForMachines()
/** Every day those that differ most; `LONG=1` plays all, as `node test/lab/kubernetes-matrix.ts` does. */
const ids = process.env.LONG ? undefined : ['spread', 'ownport', 'hsvc', 'outport']

suite('a Kubernetes cluster of two nodes without Docker', { skip }, () => {
  let cluster: Kubernetes
  let inkling: Inkling

  before(async () => {
    cluster = await startKubernetes()
    inkling = await startInklings(cluster, cluster.flags)
  })
  after(async () => {
    await inkling?.stop()
    cluster?.stop()
  })

  test('ways to call, within a host and across hosts, are found as they were', async () => {
    const matrix = await watchWays(cluster, inkling, ids)
    console.log(table(ways, matrix))
    assert.ok(matrix.compared.length >= (ids ? 12 : 60), `${matrix.compared.length} links`)
    const wrong = matrix.compared.filter(one => !isRight(one) && !isExcused(matrix, one))
    assert.deepEqual(wrong.map(format), [])
    assert.ok(matrix.score >= 0.995, `${matrix.score}`)
  })

  test('a pod is shown once, with its node and its containers', async () => {
    const path = '/api/v1/services/kubernetes:shop:daemonset:spread'
    const { instances } = await inkling.get<{ instances: { node: string }[] }>(path)
    assert.deepEqual(instances.map(({ node }) => node).sort(), ['n1', 'n2'])
  })

  test('takes everything with it', async () => {
    const { place } = cluster
    await inkling.stop()
    cluster.stop()
    assert.deepEqual([...leftoversOf(place), ...groupsOf(place.id)], [])
  })
})

/** Control groups of that lab, in any hierarchy. */
function groupsOf(id: string): string[] {
  const root = '/sys/fs/cgroup'
  const hierarchies = [root, ...readdirSync(root).map(name => join(root, name))]
  return hierarchies.map(folder => join(folder, `inkling-lab-${id}`)).filter(existsSync)
}
