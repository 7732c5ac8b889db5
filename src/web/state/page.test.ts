import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentState } from '#model/graph.ts'
import type { Status } from './feed.ts'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { levelOf } from './level.ts'
import { noticesOf } from './notices.ts'
import {
  attributionOf,
  emptyPage,
  isEmpty,
  onFrame,
  onTopology,
  staleMs,
  stalenessOf,
} from './page.ts'
import { layoutGraphOf, sceneOf } from './scene.ts'
import { pointsMax, sparkPaths, thin } from './spark.ts'
import { emptyView } from './view.ts'

const page = emptyPage(emptyView, 0)

test('figures are stale when frames stop, and lost when the connection does', () => {
  const topology = topologyOf('web>db')
  const history = new History()
  history.push(topology, frameOf([[1]]))
  const fresh = onFrame(onTopology(page, topology, history), frameOf([[1]]), history, 10_000)
  assert.equal(stalenessOf(fresh), undefined)
  const silent = { ...fresh, nowMs: 10_000 + staleMs }
  assert.deepEqual(stalenessOf(silent), { kind: 'silent', sinceMs: 10_000 })
  const reach = { kind: 'waiting', sinceMs: 11_000, untilMs: 12_000 } as const
  assert.equal(stalenessOf({ ...silent, reach })?.kind, 'lost')
  assert.equal(stalenessOf({ ...page, nowMs: 99_999 }), undefined, 'nothing has come yet')
})

test('a page is empty when services are known but nobody has spoken', () => {
  const history = new History()
  assert.equal(isEmpty(page), false, 'not known yet')
  assert.equal(isEmpty(onTopology(page, topologyOf('web'), history)), true)
  assert.equal(isEmpty(onTopology(page, topologyOf('web>db'), history)), false)
})

test('new names keep the figures of links that stay', () => {
  const history = new History()
  const before = topologyOf('web>db')
  history.push(before, frameOf([[40]]))
  const after = onTopology(
    onTopology(page, before, history),
    topologyOf('web>new web>db', 2),
    history,
  )
  assert.deepEqual([...after.picture!.links.requests], [0, 40])
})

test('the scene and the layout follow the order of the names', () => {
  const base = topologyOf('in>web web>out')
  const kinds = ['internet', 'compose', 'external'] as const
  const topology = {
    ...base,
    services: base.services.map((service, i) => ({
      ...service,
      kind: kinds[i],
      role: 'web' as const,
    })),
  }
  assert.deepEqual(
    sceneOf(levelOf(topology, '')).nodes.map(({ glyph }) => glyph),
    ['entry', 'web', 'external'],
  )
  const graph = layoutGraphOf(levelOf(topology, ''), [7])
  assert.deepEqual(
    graph.nodes.map(({ side }) => side),
    ['entry', undefined, 'outside'],
  )
  assert.deepEqual(
    graph.links.map(({ rate }) => rate),
    [7, 0],
  )
})

const agent: AgentState = {
  node: 'n1',
  version: '1',
  namespaces: 1,
  packets: 1_000_000,
  drops: 0,
  flows: 1,
  evictedFlows: 0,
  droppedSamples: 0,
  foldedWindows: 0,
  cpuShare: 0,
  residentBytes: 0,
  backlogSeconds: 0,
  backlogBytes: 0,
  droppedSeconds: 0,
  droppedWindows: 0,
  notices: [],
  connected: true,
  lastMs: 0,
}
const status: Status = {
  atMs: 0,
  attribution: { score: 1, known: 0, total: 0 },
  agents: [agent],
  orchestrators: [{ name: 'docker', state: 'absent', text: 'no socket' }],
  droppedSamples: 0,
}

test('a whole picture has no notices, and an orchestrator that is not there is none', () => {
  assert.deepEqual(noticesOf(status), [])
})

test('the share of attributed requests is told once there are enough to have one', () => {
  const scored = (known: number, total: number) =>
    attributionOf({
      ...page,
      status: { ...status, attribution: { score: known / total, known, total } },
    })
  assert.equal(attributionOf(page), undefined)
  assert.equal(scored(0, 2), undefined)
  assert.equal(scored(19, 20)?.score, 0.95)
})

test('everything that is lost is told, the gravest first', () => {
  const troubled: Status = {
    ...status,
    agents: [
      { ...agent, drops: 1000, evictedFlows: 2, foldedWindows: 3, notices: ['No CAP_NET_RAW.'] },
      { ...agent, node: 'n2', connected: false },
    ],
    orchestrators: [{ name: 'docker', state: 'lost', text: 'gone' }],
    droppedSamples: 4,
  }
  assert.deepEqual(
    noticesOf(troubled).map(({ kind }) => kind),
    ['agent-away', 'orchestrator', 'agent-says', 'drops', 'evicted', 'folded', 'samples'],
  )
  assert.deepEqual(noticesOf({ ...status, agents: [] }), [{ kind: 'no-agents' }])
})

test('a sparkline hides no peak and stays inside its box', () => {
  const values = Array.from({ length: 900 }, (_, i) => (i === 444 ? 100 : 1))
  assert.equal(Math.max(...thin(values, 10)), 100)
  assert.equal(thin(values, 10).length, pointsMax)
  const { line } = sparkPaths(values, { width: 188, height: 34, ceiling: 0 })
  const points = line
    .slice(1)
    .split('L')
    .map(point => point.split(',').map(Number))
  assert.equal(points.at(-1)![0], 188, 'now is at the right edge')
  for (const [x, y] of points) assert.ok(x >= 0 && x <= 188 && y >= 0 && y <= 34, `${x},${y}`)
})

test('one value is no line', () => {
  assert.deepEqual(sparkPaths([1], { width: 10, height: 10, ceiling: 1 }), { line: '', area: '' })
})
