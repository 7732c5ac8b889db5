import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service, ServiceGroup } from '#model/service.ts'
import { emptyWindow, type Window } from '#model/window.ts'
import { type Found, LiveGraph } from './graph.ts'

const serviceOf = (name: string): Service => ({
  id: `container:${name}`,
  name,
  kind: 'container',
  group: [],
})

function foundOf(client: string, server: string, port: number, known = true): Found {
  return {
    client: { service: serviceOf(client), known },
    server: { service: serviceOf(server), known: true, endpoint: { ip: '10.0.0.2', port } },
  }
}

/** `http 5/1/2` is five ok, one warning, two errors. */
function windowOf(text: string, more: Partial<Window> = {}): Window {
  const [protocol, counts] = text.split(' ')
  const [ok, warning, error] = (counts ?? '0/0/0').split('/').map(Number)
  const subject = {
    namespace: 'n',
    local: 'client',
    transport: 'tcp',
    protocol,
    client: { ip: '10.0.0.1', port: 0 },
    server: { ip: '10.0.0.2', port: 80 },
  } as const
  return { ...emptyWindow(subject), counts: { ok, warning, error }, ...more }
}

const payload = {
  traffic: { ...emptyWindow(windowOf('tcp').subject).traffic, requestBytes: 10 },
}

function linesOf(graph: LiveGraph, atMs: number, windowMs = 60_000, groups: ServiceGroup[] = []) {
  return graph
    .at(atMs, windowMs, groups)
    .links.map(({ link, counts }) => {
      const [client, server] = [link.client, link.server].map(id => id.split(':')[1])
      return `${client} > ${server} ${link.protocol} ${counts.ok}/${counts.warning}/${counts.error}`
    })
    .sort()
}

test('a window of the graph sums the seconds inside it and no others', () => {
  const graph = new LiveGraph()
  for (const startMs of [1000, 2000, 3000]) {
    graph.add(startMs, windowOf('http 5/1/2'), foundOf('web', 'api', 80), startMs)
  }
  assert.deepEqual(linesOf(graph, 4000, 2000), ['web > api http 10/2/4'])
  assert.deepEqual(linesOf(graph, 3000, 1000), ['web > api http 5/1/2'])
})

test('bytes that were not recognised join the link of the protocol that this port is known to speak', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('redis 5/0/0'), foundOf('web', 'redis', 6379), 1000)
  graph.add(1000, windowOf('tcp 0/0/1'), foundOf('web', 'redis', 6379), 1000)
  graph.add(1000, windowOf('tcp 0/0/2'), foundOf('web', 'redis', 9999), 1000)
  assert.deepEqual(linesOf(graph, 2000), ['web > redis redis 5/0/1', 'web > redis tcp 0/0/2'])
})

test('what was bytes becomes the protocol once it is recognised, history and all', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('tcp', payload), foundOf('web', 'redis', 6379), 1000)
  assert.deepEqual(linesOf(graph, 2000), ['web > redis tcp 0/0/0'])
  graph.add(2000, windowOf('redis 1/0/0'), foundOf('web', 'redis', 6379), 2000)
  assert.deepEqual(linesOf(graph, 3000), ['web > redis redis 1/0/0'])
  assert.equal(graph.totals()[0].traffic.requestBytes, 10)
})

test('a handshake alone makes no link', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('tcp'), foundOf('web', 'redis', 6379), 1000)
  assert.deepEqual(linesOf(graph, 2000), [])
})

test('the attribution score is the share of transactions with both services known', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('http 9/0/0'), foundOf('web', 'api', 80), 1000)
  graph.add(1000, windowOf('http 1/0/0'), foundOf('host', 'api', 80, false), 1000)
  assert.deepEqual(graph.at(2000, 60_000, []).attribution, { score: 0.9, known: 9, total: 10 })
})

test('links, services and seconds are forgotten in time', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('http 9/0/0'), foundOf('web', 'api', 80), 1000)
  graph.age(1000 + 9 * 60_000)
  assert.equal(graph.links().length, 1)
  graph.age(1000 + 16 * 60_000)
  const { links, services } = graph.at(1000 + 16 * 60_000, 60_000, [])
  assert.deepEqual([links, services], [[], []])
})

test('services that orchestrators tell of are there without traffic, processes only with it', () => {
  const quiet = { service: serviceOf('quiet'), instances: [] }
  const process: Service = { id: 'process:cron', name: 'cron', kind: 'process', group: [] }
  const graph = new LiveGraph()
  const { services } = graph.at(1000, 1000, [quiet, { service: process, instances: [] }])
  assert.deepEqual(
    services.map(({ id }) => id),
    ['container:quiet'],
  )
})

test('past the limit of links new ones are refused and counted', () => {
  const graph = new LiveGraph()
  for (let i = 0; i < 20_010; i++) {
    graph.add(1000, windowOf('http 1/0/0'), foundOf(`web${i}`, 'api', 80), 1000)
  }
  assert.equal(graph.links().length, 20_000)
  assert.equal(graph.refused, 10)
})

test('a late second stands where it belongs and counts in the totals; the seconds around it stay', () => {
  const graph = new LiveGraph()
  const nowMs = 1_000_000
  graph.add(nowMs, windowOf('http 1/0/0'), foundOf('web', 'api', 80), nowMs)
  graph.add(nowMs - 300_000, windowOf('http 5/0/0'), foundOf('web', 'api', 80), nowMs)
  assert.deepEqual(linesOf(graph, nowMs + 1000, 1000), ['web > api http 1/0/0'])
  assert.deepEqual(linesOf(graph, nowMs - 299_000, 1000), ['web > api http 5/0/0'])
  assert.equal(graph.totals()[0].counts.ok, 6)
  assert.equal(graph.at(nowMs, 1000, []).links[0].lastMs, nowMs)
})

test('what is too late for the history is in the totals of links still there, and makes none', () => {
  const graph = new LiveGraph()
  const nowMs = 10_000_000
  graph.add(nowMs, windowOf('http 1/0/0'), foundOf('web', 'api', 80), nowMs)
  graph.add(nowMs - 3_600_000, windowOf('http 5/0/0'), foundOf('web', 'api', 80), nowMs)
  graph.add(nowMs - 700_000, windowOf('http 5/0/0'), foundOf('web', 'gone', 80), nowMs)
  assert.equal(graph.totals()[0].counts.ok, 6)
  assert.deepEqual(linesOf(graph, nowMs + 1000, 7_200_000), ['web > api http 1/0/0'])
  assert.equal(graph.late, 2)
})

test('a second yet to come is refused', () => {
  const graph = new LiveGraph()
  graph.add(1_020_000, windowOf('http 1/0/0'), foundOf('web', 'api', 80), 1_000_000)
  assert.deepEqual([graph.links(), graph.refused], [[], 1])
})

test('what a server before this one counted is drawn and not counted anew', () => {
  const graph = new LiveGraph()
  graph.add(1000, windowOf('http 5/0/0'), foundOf('web', 'api', 80), 2000, false)
  graph.add(2000, windowOf('http 1/0/0'), foundOf('web', 'api', 80), 2000)
  assert.deepEqual(linesOf(graph, 3000), ['web > api http 6/0/0'])
  assert.equal(graph.totals()[0].counts.ok, 1)
})

test('over the budget the oldest second goes, also when it came last', () => {
  const limits = { keptMs: 900_000, linkWindowsMax: 21_000, bytesMax: Infinity }
  const graph = new LiveGraph(limits)
  const nowMs = 1_000_000
  const clients = Array.from({ length: 1000 }, (_, i) => foundOf(`web${i}`, 'api', 80))
  const order = [
    10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 5,
  ]
  for (const at of order.map(seconds => nowMs - 60_000 + seconds * 1000)) {
    for (const found of clients) graph.add(at, windowOf('http 1/0/0'), found, nowMs)
  }
  graph.age(nowMs)
  const callsIn = (startMs: number) =>
    graph.at(startMs + 1000, 1000, []).links.reduce((sum, { counts }) => sum + counts.ok, 0)
  assert.equal(callsIn(nowMs - 55_000), 0)
  assert.equal(callsIn(nowMs - 30_000), 1000)
})
