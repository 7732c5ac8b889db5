import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { noSamples, samples } from '../dev/vizceral-samples.ts'
import { fixture } from './fixture.ts'
import { outcomeOf } from './outcomes.ts'
import { type Fault, nodesMax, parseTraffic } from './parse.ts'

const rootOf = (input: unknown) => parseTraffic(input).traffic?.root
const faultsOf = (input: unknown) => Object.fromEntries(parseTraffic(input).faults)

test('Vizceral’s own samples are taken whole, less links that lead nowhere', {
  skip: noSamples,
}, () => {
  const counts = readdirSync(samples)
    .filter(file => file.endsWith('.json'))
    .map(file => {
      const { traffic, faults } = parseTraffic(readFileSync(join(samples, file), 'utf8'))
      const { nodes, connections } = traffic!.root
      return [file, nodes.length, connections.length, Object.fromEntries(faults)]
    })
  assert.deepEqual(counts, [
    ['sample_data.json', 4, 9, { 'end missing': 4 }],
    ['sample_data_region_only.json', 73, 155, { 'end missing': 2 }],
    ['sample_data_simple.json', 2, 1, {}],
    ['sample_data_with_shapes_and_notices.json', 4, 9, { 'end missing': 4 }],
  ])
})

test('what is missing has its default, and is no fault', () => {
  const { traffic, faults } = parseTraffic({ name: 'edge', nodes: [{ name: 'a' }] })
  assert.equal(faults.size, 0)
  const [node] = traffic!.root.nodes
  const { name, displayName, class: trafficClass, nodeType, renderer, maxVolume } = node
  assert.deepEqual(
    [name, displayName, trafficClass, nodeType, renderer, maxVolume],
    ['a', 'a', 'normal', 'default', undefined, undefined],
  )
})

test('the fixture is without fault', () => {
  assert.deepEqual(faultsOf(fixture), {})
  assert.deepEqual(rootOf(JSON.stringify(fixture)), rootOf(fixture))
})

test('what is no snapshot is none', () => {
  for (const input of [undefined, null, 0, 'no JSON', '[', '[]', [], true, () => {}, Number.NaN])
    assert.equal(rootOf(input), undefined)
})

test('wrong types are left out and counted, and spoil nothing beside them', () => {
  const wrong: [unknown, Partial<Record<Fault, number>>][] = [
    [{ name: 'a', nodes: 'many' }, { 'wrong type': 1 }],
    [
      { name: 'a', nodes: [1, null, 'b', { name: 7 }, {}] },
      { 'no object': 3, 'no name': 2 },
    ],
    [{ name: 'a', maxVolume: 'all', updated: -1, class: {}, node_type: [] }, { 'wrong type': 4 }],
    [{ name: 'a', nodes: [{ name: 'b' }, { name: 'b' }] }, { duplicate: 1 }],
    [
      { name: 'a', connections: [{ source: 'b', target: 'c' }, {}] },
      { 'end missing': 1, 'no name': 1 },
    ],
    [
      { name: 'a', notices: [{}, { title: 1 }, { title: 'kept' }] },
      { 'no name': 2, 'wrong type': 1 },
    ],
  ]
  for (const [input, faults] of wrong) assert.deepEqual(faultsOf(input), faults)
  const rates = { normal: 5, warning: 'x', danger: -1, other: Number.POSITIVE_INFINITY }
  const nodes = [{ name: 'b' }]
  const root = rootOf({
    name: 'a',
    nodes,
    connections: [{ source: 'b', target: 'b', metrics: rates }],
  })
  assert.deepEqual([...root!.connections[0].metrics], [['normal', 5]])
})

test('10,000 nodes are read in time, and more than there may be are refused', () => {
  const nodes = Array.from({ length: 10_000 }, (_, i) => ({
    name: `n${i}`,
    renderer: 'focusedChild',
  }))
  const connections = nodes.map(({ name }, i) => ({
    source: name,
    target: `n${(i * 7 + 1) % 10_000}`,
    metrics: { normal: i },
  }))
  const before = performance.now()
  const { traffic, faults } = parseTraffic({ renderer: 'region', name: 'big', nodes, connections })
  assert.ok(performance.now() - before < 1000)
  assert.deepEqual(
    [traffic!.root.nodes.length, traffic!.root.connections.length, faults.size],
    [10_000, 10_000, 0],
  )
  const many = Array.from({ length: nodesMax + 5 }, (_, i) => ({ name: `n${i}` }))
  // The root is one of them.
  assert.equal(rootOf({ name: 'a', nodes: many })!.nodes.length, nodesMax - 1)
  assert.ok(faultsOf({ name: 'a', nodes: many })['too many'] > 0)
})

test('a snapshot that holds itself, or is as deep as it can be, ends', () => {
  const self: Record<string, unknown> = { name: 'a', renderer: 'region' }
  self.nodes = [self, { name: 'b', nodes: [self] }]
  assert.equal(rootOf(self)!.nodes.length, 1)
  let deep: Record<string, unknown> = { name: 'leaf' }
  for (let i = 0; i < 10_000; i++) deep = { name: 'n', nodes: [deep] }
  assert.deepEqual(faultsOf(deep), { 'too deep': 1 })
})

test('names of markup and of JavaScript’s own are names', () => {
  const names = [
    '<img src=x onerror=alert(1)>',
    '__proto__',
    'constructor',
    'toString',
    '\u202Egnp',
    '🦑',
  ]
  const nodes = names.map(name => ({ name }))
  const connections = names.map(name => ({
    source: name,
    target: names[0],
    metrics: { [name]: 1 },
  }))
  const root = rootOf(JSON.stringify({ name: 'a', nodes, connections }))!
  assert.deepEqual(
    root.nodes.map(({ name }) => name),
    names,
  )
  assert.equal(root.connections.length, names.length)
  const long = rootOf({ name: 'a', nodes: [{ name: 'x'.repeat(1e6), displayName: '\ud800' }] })!
    .nodes[0]
  assert.equal(long.name.length, 200)
  assert.ok(long.displayName.isWellFormed())
})

test('a notice leads to a page of the web or nowhere', () => {
  const links = [
    'https://example.com/a',
    'javascript:alert(1)',
    'data:text/html,x',
    ' JAVASCRIPT:x',
    7,
    '//host',
    undefined,
  ]
  const notices = links.map(link => ({ title: 't', link }))
  assert.deepEqual(
    rootOf({ name: 'a', notices })!.notices.map(({ link }) => link),
    ['https://example.com/a', ...Array(6).fill(undefined)],
  )
})

test('a class means what its name says, else what its colour says', () => {
  const none = new Map<string, string>()
  const meant = (words: string) => words.split(' ').map(word => outcomeOf(word, none))
  assert.deepEqual(meant('normal success 2xx __proto__ blue'), Array(5).fill('ok'))
  assert.deepEqual(meant('danger error 5xx failed Critical'), Array(5).fill('error'))
  assert.deepEqual(meant('warning degraded 4xx throttled slow'), Array(5).fill('warning'))
  const colours = new Map([
    ['x', 'rgb(184, 36, 36)'],
    ['y', '#ffc24d'],
    ['z', '#8af'],
    ['w', 'x'],
  ])
  assert.deepEqual(
    [...'xyzw'].map(name => outcomeOf(name, colours)),
    ['error', 'warning', 'ok', 'error'],
  )
})

test('classes that lead round in a circle are ordinary traffic', () => {
  const circle = new Map([
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
  ])
  assert.equal(outcomeOf('a', circle), 'ok')
  assert.equal(outcomeOf('self', new Map([['self', 'self']])), 'ok')
})
