import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Facts } from '../format.ts'
import { factsOf, story } from '../story.ts'
import { vizceral } from './index.ts'
import { type VizceralNode, vizceralNode } from './schema.ts'

const rendered = (facts: Facts) => vizceralNode.parse(JSON.parse(vizceral.render(facts)))
const regionOf = (root: VizceralNode) => root.nodes!.find(({ name }) => name === 'cluster')!
const connectionOf = (root: VizceralNode, source: string, target: string) =>
  regionOf(root).connections!.find(each => each.source === source && each.target === target)

const root = import.meta.dirname
const shared = process.env.INKLING_SHARED ?? join(root, '../../../../shared')
const samples = join(shared, 'vizceral-samples')

test('the schema takes Vizceral’s own samples', {
  skip: existsSync(samples) ? false : 'needs the sample files: set INKLING_SHARED',
}, () => {
  const files = readdirSync(samples).filter(file => file.endsWith('.json'))
  assert.ok(files.length > 0)
  for (const file of files)
    vizceralNode.parse(JSON.parse(readFileSync(join(samples, file), 'utf8')))
})

test('the schema refuses what Vizceral refuses', () => {
  assert.ok(!vizceralNode.safeParse({ renderer: 'global' }).success)
  assert.ok(!vizceralNode.safeParse({ name: 'a', maxVolume: -1 }).success)
  assert.ok(!vizceralNode.safeParse({ name: 'a', connections: [{ source: 'a' }] }).success)
  assert.ok(!vizceralNode.safeParse({ name: 'a', nodes: [{ displayName: 'b' }] }).success)
})

test('a global view of INTERNET and the cluster, which can be entered', () => {
  const { renderer, nodes, connections } = rendered(factsOf(story))
  assert.equal(renderer, 'global')
  assert.deepEqual(
    nodes!.map(({ name, renderer }) => `${name} ${renderer}`),
    ['INTERNET region', 'cluster region'],
  )
  assert.deepEqual(connections![0].metrics, { normal: 9, warning: 0.5, danger: 0.5 })
})

test('metrics are requests per second of all protocols, and nothing else', () => {
  const connection = connectionOf(rendered(factsOf(story)), 'shop/web', 'shop/api')!
  assert.deepEqual(connection.metrics, { normal: 21, warning: 0, danger: 0 })
  assert.deepEqual(connection.metadata?.protocols, ['http', 'websocket'])
})

test('errors show in classes and notices', () => {
  const root = rendered(factsOf(story))
  const connection = connectionOf(root, 'shop/api', 'shop/db')!
  assert.equal(connection.class, 'danger')
  assert.deepEqual(connection.notices, [{ title: '13 % errors', severity: 2 }])
  assert.equal(regionOf(root).nodes!.find(({ name }) => name === 'shop/db')!.class, 'danger')
})

test('every end of every connection is a node beside it, and names are unique', () => {
  const same = factsOf(story)
  const services = same.graph.services.map(each => ({ ...each, name: 'INTERNET', group: [] }))
  for (const facts of [same, { ...same, graph: { ...same.graph, services } }]) {
    const region = regionOf(rendered(facts))
    const names = region.nodes!.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { source, target } of region.connections!) {
      assert.ok(names.includes(source), source)
      assert.ok(names.includes(target), target)
    }
  }
})

test('nothing that could be markup is left in any text', () => {
  const { graph, totals, agents } = factsOf(story)
  const name = `<img src=x onerror='alert("&")'>`
  const services = graph.services.map(each => ({ ...each, name, group: [name] }))
  const links = graph.links.map(each => ({ ...each, link: { ...each.link, protocol: name } }))
  const text = vizceral.render({ graph: { ...graph, services, links }, totals, agents })
  for (const mark of ['<', '>', '&', "'", '\\"']) assert.ok(!text.includes(mark), mark)
})

test('the volume drawn densest stays while traffic changes little, and follows it when it grows', () => {
  const volume = (ok: number) => regionOf(rendered(factsOf([`a > b http ${ok}/0/0`]))).maxVolume
  assert.equal(volume(60), 50)
  assert.equal(volume(60 * 49), 50)
  assert.equal(volume(60 * 60), 200)
  assert.equal(volume(60 * 190), 200)
})

test('a later graph is newer to Vizceral', () => {
  const first = rendered(factsOf(story))
  const second = rendered(factsOf(story, { atMs: 1_700_000_001_000 }))
  assert.ok(second.updated! > first.updated!)
})

test('a low attribution score and missing agents are told', () => {
  const facts = factsOf(story, { attribution: { score: 0.5, known: 1, total: 2 } })
  const agents = facts.agents.map(agent => ({ ...agent, connected: false }))
  const titles = regionOf(rendered({ ...facts, agents })).notices!.map(({ title }) => title)
  assert.deepEqual(titles, ['Both services known for 50 % of transactions', 'An agent is missing'])
})

test('what is called as a store or a queue has its shape', () => {
  const roles = { postgres: 'store', amqp: 'queue', http: 'web' } as const
  const facts = factsOf(['a > b postgres 1/0/0', 'b > c amqp 1/0/0', 'c > d http 1/0/0'])
  const { nodes } = regionOf(
    rendered({ ...facts, roleOf: name => roles[name as 'http'] ?? 'plain' }),
  )
  assert.deepEqual(
    nodes!.map(each => each.node_type),
    ['users', 'default', 'storage', 'pipe', 'service'],
  )
})

test('bytes are told beside the rates, never among them', () => {
  const { metadata } = connectionOf(rendered(factsOf(story)), 'shop/web', 'shop/api')!
  assert.ok(Math.abs((metadata!.bytesPerSecond as number) - 2200 / 60) < 1e-9)
})
