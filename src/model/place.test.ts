import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPlace, idWithin, parsePlace, serviceIn } from './place.ts'
import { internet, type Service } from './service.ts'

const vote: Service = { id: 'swarm:vote', name: 'vote', kind: 'swarm', group: ['shop'] }

test('a place is environment, cluster, node', () => {
  for (const [text, place] of [
    ['production/blue/node-1', { cluster: 'production/blue', node: 'node-1' }],
    ['blue/node-1', { cluster: 'blue', node: 'node-1' }],
    ['node-1', { cluster: '', node: 'node-1' }],
    ['blue/', { cluster: 'blue', node: '' }],
    ['', { cluster: '', node: '' }],
  ] as const) {
    assert.deepEqual(parsePlace(text), place)
    assert.equal(formatPlace(place), text)
  }
})

test('a service of a named cluster has its cluster in its id and its group', () => {
  const there = serviceIn('production/blue', vote)
  assert.equal(there.id, 'swarm:vote@production/blue')
  assert.deepEqual(there.group, ['production', 'blue', 'shop'])
  assert.equal(idWithin('production/blue', there.id), 'swarm:vote')
  assert.equal(idWithin('blue', there.id), undefined)
  assert.deepEqual(serviceIn('', vote), vote)
  assert.equal(idWithin('', vote.id), vote.id)
})

test('who is outside is outside of all clusters', () => {
  assert.deepEqual(serviceIn('blue', internet), internet)
})
