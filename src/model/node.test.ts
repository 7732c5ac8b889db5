import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentState } from './graph.ts'
import { nodesOf, type Placed, runsOn } from './node.ts'
import type { Instance, Service } from './service.ts'

const agentOf = (node: string, more = {}) => ({ node, connected: true, ...more }) as AgentState

/** `web web.1 on n1`. */
function placedOf(text: string): Placed {
  const [service, instance, , node = ''] = text.split(' ')
  return {
    service: { id: service, name: service, kind: 'swarm', group: [] } satisfies Service,
    instance: { id: instance, name: instance, labels: { secret: 'x' } } as unknown as Instance,
    node,
  }
}

const all = ['web web.2 on n1', 'web web.1 on n1', 'db db.1 on n1', 'db db.2 on blue/n2', 'db db.3']
const placed = all.map(placedOf)

test('machines are those of agents and those on which something runs', () => {
  const agents = [agentOf('n1', { cpus: 4, memoryBytes: 8e9 }), agentOf('idle')]
  const lines = nodesOf(placed, agents).map(({ agent, ...node }) => [Boolean(agent), node])
  assert.deepEqual(lines, [
    [false, { name: 'blue/n2', place: 'blue', services: 1, instances: 1 }],
    [true, { name: 'idle', services: 0, instances: 0 }],
    [true, { name: 'n1', services: 2, instances: 3, cpus: 4, memoryBytes: 8e9 }],
  ])
})

test('what runs on a machine, by service and name, without what only its service shows', () => {
  const runs = runsOn('n1', placed)
  assert.deepEqual(
    runs.map(({ service, instance }) => `${service.id} ${instance.id}`),
    ['db db.1', 'web web.1', 'web web.2'],
  )
  assert.equal('labels' in runs[0].instance, false)
})
