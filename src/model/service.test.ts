import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, type ServiceGroup, uniteGroups } from './service.ts'

const service = { id: 'swarm:web', name: 'web', kind: 'swarm', group: [] } as const

function instanceOf(id: string, more: Partial<Instance>): Instance {
  return {
    ...{ id, name: id, state: 'running', health: 'unknown', restarts: 0, sinceMs: 0 },
    ...{ addresses: [], published: [], mounts: [], labels: {} },
    ...more,
  }
}

test('what an engine and an orchestrator tell of one task is one instance', () => {
  const seen = instanceOf('docker:1', { task: 't1', namespace: 'ns' })
  const told = instanceOf('swarm:t1', { task: 't1', node: 'n1', health: 'healthy' })
  const other = instanceOf('swarm:t2', { task: 't2', node: 'n2' })
  const engine: ServiceGroup = { service, instances: [seen] }
  const manager: ServiceGroup = {
    ...{ service, instances: [told, other], desired: 2 },
    virtual: [{ ip: '10.0.0.2', network: 'ov' }],
  }
  for (const groups of [
    [engine, manager],
    [manager, engine],
  ]) {
    const { instances, virtual, desired } = uniteGroups(groups)
    const found = instances.map(({ id, health, node, namespace }) => [id, health, node, namespace])
    assert.deepEqual(found.sort(), [
      ['docker:1', 'healthy', 'n1', 'ns'],
      ['swarm:t2', 'unknown', 'n2', undefined],
    ])
    assert.equal(virtual?.length, 1)
    assert.equal(desired, 2)
  }
})
