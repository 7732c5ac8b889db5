import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance } from '#model/service.ts'
import { groupOf, instanceOf } from './fixtures.ts'
import { Tenures } from './tenures.ts'

// A node's engine tells of a container that does not say whose task it runs; the cluster's master knows.

const published: Instance['published'] = [
  { ip: '0.0.0.0', port: 31000, targetPort: 80, transport: 'tcp' },
]
const seen = instanceOf('docker:c', {
  ...{ containers: ['mesos:c'], namespace: 'ns-c', published },
  addresses: [{ ip: '172.17.0.2', network: 'b1' }],
})
const container = groupOf('container:mesos-c', 'container', seen)
const told = instanceOf('mesos:F:t', { task: 't', node: 'n1', containers: ['mesos:c'] })
const report = groupOf('mesos:batch:report', 'mesos', told)

const engine = { node: 'n1', orchestrator: 'docker' }
const master = { node: '', orchestrator: 'mesos' }

/** Who it is by its namespace, its address, its port and its sockets. */
function servicesOf(tenures: Tenures): string[] {
  const found = [
    tenures.ofNamespace('n1', 'ns-c', 5000).tenants[0],
    tenures.ofAddress({ node: 'n1' }, '172.17.0.2', 5000),
    tenures.ofPublished(['n1'], '10.0.0.5', 31000, 5000)?.tenure,
    tenures.owner('n1', 'docker:c', 5000),
  ]
  return [...new Set(found.map(owner => owner?.service.id ?? 'nobody'))]
}

const idsOf = (tenures: Tenures) => [...tenures.groups()].map(({ service }) => service.id)

for (const order of ['the engine', 'the master']) {
  test(`a container that a master knows is its framework's, when ${order} tells first`, () => {
    const tenures = new Tenures()
    const tell = [
      () => tenures.all(engine, [container], 2000),
      () => tenures.all(master, [report], 2000),
    ]
    for (const one of order === 'the engine' ? tell : tell.toReversed()) one()
    assert.deepEqual(servicesOf(tenures), ['mesos:batch:report'])
    assert.deepEqual(idsOf(tenures), ['mesos:batch:report'])
    const { instances } = tenures.group('mesos:batch:report')!
    assert.deepEqual(
      instances.map(({ id, task, node }) => [id, task, node]),
      [['docker:c', 't', 'n1']],
      'one instance, as its engine and its master know it',
    )
    assert.equal(tenures.group('container:mesos-c'), undefined)
  })
}

test('a container that no master knows, or that is claimed for two services, is what its engine says', () => {
  const tenures = new Tenures()
  tenures.all(engine, [container], 2000)
  assert.deepEqual(servicesOf(tenures), ['container:mesos-c'])
  const other = groupOf('mesos:other:x', 'mesos', { ...told, id: 'mesos:G:t' })
  tenures.all(master, [report, other], 2000)
  assert.deepEqual(servicesOf(tenures), ['container:mesos-c'])
})

test('what says whose it is stays that', () => {
  const tenures = new Tenures()
  const vote = groupOf('marathon:/vote', 'marathon', { ...seen, task: 't' })
  tenures.all(engine, [vote], 2000)
  tenures.all(master, [report], 2000)
  assert.deepEqual(servicesOf(tenures), ['marathon:/vote'])
})
