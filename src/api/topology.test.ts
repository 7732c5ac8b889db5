import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyHistogram } from '#lib/histogram.ts'
import type { Graph, GraphLink, GraphService, Link } from '#model/graph.ts'
import { emptyCounts, emptyTraffic } from '#model/window.ts'
import { Topology, type WatchedOf } from './topology.ts'

const wholly: WatchedOf = () => ({ watched: 'wholly', away: [] })

function serviceOf(id: string, more: Partial<GraphService> = {}): GraphService {
  return {
    id,
    name: id,
    kind: 'container',
    group: [],
    instances: 1,
    health: 'healthy',
    lastMs: 0,
    ...more,
  }
}

/** `l2 web>db`: a link and its ends, the same each time it is asked for. */
const links = new Map<string, Link>()
function linkOf(text: string): Link {
  const [id, ends] = text.split(' ')
  const [client, server] = ends.split('>')
  const link = links.get(text) ?? {
    id,
    client,
    server,
    protocol: server === 'db' ? 'redis' : 'http',
  }
  links.set(text, link)
  return link
}

function graphOf(
  texts: readonly string[],
  services = ['web', 'db', 'api'].map(id => serviceOf(id)),
): Graph {
  const graphLinks = texts.map((text, i): GraphLink => {
    const counts = { ...emptyCounts, ok: i + 1 }
    return { link: linkOf(text), counts, traffic: emptyTraffic, latency: emptyHistogram, lastMs: 0 }
  })
  const attribution = { score: 1, known: 0, total: 0 }
  return { atMs: 1000, windowMs: 1000, services, links: graphLinks, attribution }
}

const open = () => new Topology(protocol => (protocol === 'redis' ? 'store' : 'plain'))

const told = ({ message: { services, links } }: Topology) => ({
  services: services.map(({ id, role }) => `${id} ${role}`),
  links: links.map(
    ({ id, client, server }) => `${id} ${services[client].id}>${services[server].id}`,
  ),
})

test('services and links are told in order of their ids, and what a service is to its callers', () => {
  const topology = open()
  const graph = graphOf(['l2 web>db', 'l1 web>api', 'l3 web>gone'])
  assert.equal(topology.follow(graph, wholly), true)
  assert.deepEqual(told(topology), {
    services: ['api plain', 'db store', 'web plain'],
    links: ['l1 web>api', 'l2 web>db'],
  })
  assert.deepEqual(
    topology.ordered(graph).map(({ link, counts }) => [link.id, counts.ok]),
    [
      ['l1', 2],
      ['l2', 1],
    ],
  )
})

test('an empty graph is told once', () => {
  const topology = open()
  assert.equal(topology.follow(graphOf([], []), wholly), true)
  assert.equal(topology.follow(graphOf([], []), wholly), false)
  assert.equal(topology.message.version, 1)
})

test('it is told anew when something came, went or changed, and only then', () => {
  const topology = open()
  const both = ['l2 web>db', 'l1 web>api']
  const isNew = (graph: Graph, watchedOf = wholly) => topology.follow(graph, watchedOf)
  assert.equal(isNew(graphOf(both)), true)
  assert.equal(isNew(graphOf(both)), false)
  const more = graphOf([...both, 'l0 api>db'])
  assert.equal(isNew(more), true)
  assert.deepEqual(
    topology.ordered(more).map(({ link }) => link.id),
    ['l0', 'l1', 'l2'],
  )
  assert.equal(isNew(graphOf(both)), true)
  assert.equal(isNew(graphOf(['l1 web>api', 'l2 web>db'])), true)
  assert.equal(isNew(graphOf(['l1 web>api', 'l4 api>web'])), true)
  const ill = ['web', 'db', 'api'].map(id => serviceOf(id, { health: 'unhealthy' }))
  assert.equal(isNew(graphOf(['l1 web>api', 'l4 api>web'], ill)), true)
  assert.equal(isNew(graphOf(['l1 web>api', 'l4 api>web'], ill)), false)
  assert.equal(
    isNew(graphOf(['l1 web>api', 'l4 api>web'], ill), () => ({ watched: 'no', away: ['n1'] })),
    true,
  )
  assert.equal(topology.message.version, 7)
  const services = ill.filter(({ id }) => id !== 'api')
  assert.equal(isNew(graphOf(['l1 web>api', 'l4 api>web'], services)), true)
  assert.deepEqual(told(topology).links, [])
  assert.deepEqual(topology.ordered(graphOf(['l1 web>api', 'l4 api>web'], services)), [])
})
