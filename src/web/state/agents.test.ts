import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentState } from '#model/graph.ts'
import { agentsInOrder, clockOff, unseenSince } from './agents.ts'
import type { FeedService, Status } from './feed.ts'

const agent = (node: string, more: Partial<AgentState> = {}) =>
  ({ node, connected: true, lastMs: 0, backlogSeconds: 0, ...more }) as AgentState

test('trouble comes first, then the names as people count', () => {
  const agents = [
    ...[agent('n10'), agent('n2'), agent('late', { backlogSeconds: 3 })],
    ...[agent('slow', { clockOffsetMs: -400 }), agent('gone', { connected: false })],
  ]
  const order = agentsInOrder(agents).map(({ node }) => node)
  assert.deepEqual(order, ['gone', 'late', 'slow', 'n2', 'n10'])
})

test('a clock is off from a tenth of a second on', () => {
  assert.equal(clockOff(agent('n1', { clockOffsetMs: 99 })), undefined)
  assert.equal(clockOff(agent('n1', { clockOffsetMs: -100 })), -100)
  assert.equal(clockOff(agent('n1')), undefined)
})

test('a service is unseen since the first of its nodes went', () => {
  const service = { away: ['n1', 'n2'] } as unknown as FeedService
  const status = {
    agents: [agent('n1', { lastMs: 500 }), agent('n2', { lastMs: 300 }), agent('n3')],
  } as unknown as Status
  assert.deepEqual(unseenSince(service, status), { nodes: ['n1', 'n2'], sinceMs: 300 })
  assert.equal(unseenSince({ away: [] } as unknown as FeedService, status), undefined)
  assert.equal(unseenSince(service, undefined)?.sinceMs, undefined)
})
