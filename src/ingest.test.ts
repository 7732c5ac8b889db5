import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance, ServiceGroup, ServiceKind } from '#model/service.ts'
import { MemoryEvents } from '#stores/events.ts'
import { MemoryStore } from '#stores/memory/index.ts'
import { Ingest } from './ingest.ts'

function groupOf(kind: ServiceKind, id: string, ...instances: Partial<Instance>[]): ServiceGroup {
  return {
    service: { id: `${kind}:${id}`, name: id, kind, group: [] },
    instances: instances.map((each, i) => ({
      ...{ id: `${kind}:${id}.${i}`, name: `${id}.${i}`, state: 'running', health: 'unknown' },
      ...{ restarts: 0, sinceMs: 1000, addresses: [], published: [], mounts: [], labels: {} },
      ...each,
    })),
  }
}

function world() {
  const events = new MemoryEvents()
  const ingest = new Ingest(new MemoryStore(), events)
  const told = (nowMs: number) => {
    ingest.age(nowMs)
    const all = [...events.events({ limit: 99 })].reverse()
    return all.map(({ kind, service, instance = '' }) => `${kind} ${service} ${instance}`.trim())
  }
  return { ingest, told }
}

test('a service of a named cluster is called as it is on the map', () => {
  const { ingest, told } = world()
  ingest.groups('blue/n1', 'docker', true, [], 1000)
  ingest.groups('blue/n1', 'docker', false, [groupOf('compose', 'web', {})], 10_000)
  assert.deepEqual(told(20_000), ['appeared compose:web@blue'])
})

test('a task that its orchestrator and its node tell of is started once', () => {
  const { ingest, told } = world()
  const marathon = (...instances: Partial<Instance>[]) => groupOf('marathon', '/web', ...instances)
  ingest.groups('', 'marathon', true, [marathon({ id: 'marathon:a', task: 'a', node: 'n1' })], 1000)
  ingest.groups('n1', 'docker', true, [marathon({ id: 'docker:a', task: 'a' })], 2000)
  const two = ['a', 'b'].map(task => ({ id: `marathon:${task}`, task, node: 'n1' }))
  ingest.groups('', 'marathon', false, [marathon(...two)], 100_000)
  const seen = ['a', 'b'].map(task => ({ id: `docker:${task}`, task }))
  ingest.groups('n1', 'docker', false, [marathon(...seen)], 101_000)
  assert.deepEqual(told(110_000), ['scaled marathon:/web', 'started marathon:/web docker:b'])
})

test('a container that turns out to be a task of somebody is no service that came', () => {
  const { ingest, told } = world()
  ingest.groups('', 'marathon', true, [], 1000)
  ingest.groups('n1', 'docker', true, [], 1000)
  const container = { id: 'docker:c', containers: ['mesos:c'] }
  ingest.groups('n1', 'docker', false, [groupOf('container', 'mesos-c', container)], 100_000)
  const task = { id: 'marathon:t', task: 't', containers: ['mesos:c'], node: 'n1' }
  ingest.groups('', 'marathon', false, [groupOf('marathon', '/web', task)], 101_000)
  assert.deepEqual(told(110_000), ['appeared marathon:/web'])
})

test('an instance shows what its own node measured last, until it is long ago', () => {
  const { ingest } = world()
  const container = { id: 'docker:c', usage: { cpus: 9, cpusMax: 4 } }
  ingest.groups('blue/n1', 'docker', true, [groupOf('compose', 'web', container)], 1000)
  const usage = () => ingest.instances('compose:web@blue')[0].usage
  ingest.usages.hear('blue/n2', [{ id: 'docker:c', cpus: 1 }], 2000)
  assert.deepEqual(usage(), { cpus: 9, cpusMax: 4 })
  ingest.usages.hear('blue/n1', [{ id: 'docker:c', cpus: 0.5, memoryBytes: 7 }], 2000)
  assert.deepEqual(usage(), { cpus: 0.5, cpusMax: 4, memoryBytes: 7 })
  const { node } = [...ingest.placed()][0]
  assert.deepEqual([...ingest.placedOn(node)][0].instance.usage, usage())
  ingest.age(200_000)
  assert.deepEqual(usage(), { cpus: 9, cpusMax: 4 })
})

test('an agent that is forgotten took nothing with it, and is no news when it comes back', () => {
  const { ingest, told } = world()
  const groups = [groupOf('compose', 'web', {}), groupOf('compose', 'db', {})]
  ingest.groups('n1', 'docker', true, groups, 1000)
  ingest.forget('n1', ['docker'], 900_000)
  assert.deepEqual([...ingest.told()], [])
  ingest.groups('n1', 'docker', true, groups, 2_000_000)
  assert.deepEqual(told(2_010_000), [])
})
