import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentState } from '#model/graph.ts'
import type { ClusterNode, Running } from '#model/node.ts'
import { nodesIn, watchersOf } from './clusters.ts'
import type { Status } from './feed.ts'
import { topologyOf } from './fixtures.ts'
import { loadOf, servicesOn } from './nodes.ts'
import { search } from './search.ts'

/** `web healthy 0.5 100`: a service, how an instance of it is, the processors and bytes it takes. */
function runOf(text: string): Running {
  const [name, health, cpus, memoryBytes] = text.split(' ')
  const usage = cpus && { cpus: Number(cpus), memoryBytes: Number(memoryBytes) }
  const instance = { state: 'running', health, ...(usage && { usage }) }
  const service = { id: name, name, kind: 'swarm', group: [] }
  return { service, instance } as unknown as Running
}

test('what runs on a machine, by service: who is in trouble first, then who takes most', () => {
  const texts = [
    'web healthy 0.5 100',
    'db healthy 1 900',
    'web healthy 0.25 50',
    'job unhealthy',
    'old unknown',
  ]
  const found = servicesOn(texts.map(runOf))
  assert.deepEqual(
    found.map(({ service, count, health, load }) => [service.name, count, health, load.cpus]),
    [
      ['job', 1, 'unhealthy', undefined],
      ['db', 1, 'healthy', 1],
      ['web', 2, 'healthy', 0.75],
      ['old', 1, 'unknown', undefined],
    ],
  )
  assert.deepEqual(loadOf(texts.map(runOf)), { cpus: 1.75, memoryBytes: 1050 })
  assert.deepEqual(loadOf([runOf('old unknown')]), { cpus: undefined, memoryBytes: undefined })
})

const agentOf = (node: string, connected = true) => ({ node, connected }) as AgentState
const nodeOf = (name: string, place: string, agent?: AgentState): ClusterNode => ({
  ...{ name, place, services: 0, instances: 0 },
  ...(agent && { agent }),
})

test('a group is a cluster where somebody watches it; a part of one is none', () => {
  const status = {
    agents: ['production/blue/n1', 'production/green/n1', 'lone'].map(node => agentOf(node)),
    orchestrators: ['docker', 'marathon of production/blue'].map(name => ({ name })),
  } as unknown as Status
  const told = (path: string) => {
    const { agents = [], orchestrators = [] } = watchersOf(path, status) ?? {}
    return [...agents.map(({ node }) => node), ...orchestrators.map(({ name }) => name)]
  }
  assert.deepEqual(told('production/blue'), ['production/blue/n1', 'marathon of production/blue'])
  assert.equal(told('production').length, 3)
  for (const path of ['', 'lone', 'production/blue/shop', 'production/bl'])
    assert.equal(watchersOf(path, status), undefined)
})

test('nodes of a cluster: who is away first, then who has no agent', () => {
  const nodes = [
    nodeOf('c/n10', 'c', agentOf('c/n10')),
    nodeOf('c/n9', 'c', agentOf('c/n9')),
    nodeOf('c/n3', 'c'),
    nodeOf('c/n2', 'c', agentOf('c/n2', false)),
    nodeOf('d/n1', 'd'),
  ]
  const names = nodesIn('c', nodes).map(({ name }) => name)
  assert.deepEqual(names, ['c/n2', 'c/n3', 'c/n9', 'c/n10'])
})

test('the search finds machines by their names', () => {
  const found = search(topologyOf('web db'), 'n1', ['rack/n1', 'n2'])
  assert.deepEqual(
    found?.results.map(({ target }) => target),
    [{ kind: 'node', id: 'rack/n1' }],
  )
})
