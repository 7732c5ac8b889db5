import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import type { Network } from '#model/network.ts'
import type { Instance, ServiceGroup } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import { Attributor } from './attribute.ts'
import { groupOf } from './fixtures.ts'
import { Names } from './names.ts'
import { Observers } from './observers.ts'
import { Outsiders } from './outsiders.ts'
import { type NodePlace, Places } from './places.ts'
import { Tenures } from './tenures.ts'

// Two machines, each with a bridge of the same addresses, and an overlay with a load balancer on each.

const n1: NodePlace = {
  node: 'n1',
  hostNamespace: 'host',
  addresses: new Set(['10.0.0.5', '172.17.0.1']),
}
const n2: NodePlace = {
  node: 'n2',
  hostNamespace: 'host',
  addresses: new Set(['10.0.0.6', '172.17.0.1']),
}

const bridge = (id: string): Network => ({
  ...{ id, name: 'bridge', driver: 'bridge', subnets: [], gateways: ['172.17.0.1'] },
})
const overlay = (balancer: string): Network => ({
  ...{ id: 'ov', name: 'shop', driver: 'overlay', subnets: ['10.9.0.0/24'], gateways: [] },
  ...{ isShared: true, balancers: [balancer] },
})

function instanceOf(id: string, namespace: string, ip: string, network: string): Instance {
  const rest = { restarts: 0, sinceMs: 1000, mounts: [], labels: {} }
  const addresses = ip === '' ? [] : [{ ip, network }]
  const published: Instance['published'] = []
  return {
    ...{ id, name: id, state: 'running', health: 'unknown', namespace, addresses, published },
    ...rest,
  }
}

const front = groupOf('swarm:front', 'swarm', instanceOf('docker:f', 'ns-f', '10.9.0.3', 'ov'))
const web = groupOf('swarm:web', 'swarm', instanceOf('docker:w', 'ns-w', '10.9.0.7', 'ov'))
const a = groupOf('container:a', 'container', instanceOf('docker:a', 'ns-a', '172.17.0.2', 'b1'))
const b = groupOf('container:b', 'container', {
  ...instanceOf('docker:b', 'ns-b', '172.17.0.2', 'b2'),
  published: [{ ip: '0.0.0.0', port: 8080, targetPort: 80, transport: 'tcp' }],
})
const sshd = groupOf('process:sshd', 'process', instanceOf('process:9', 'host', '', ''))

/** What a manager tells of the whole cluster. */
const swarmWeb: ServiceGroup = {
  ...groupOf('swarm:web', 'swarm', {
    ...instanceOf('swarm:task', '', '10.9.0.7', 'ov'),
    namespace: undefined,
    node: 'n2',
  }),
  virtual: [
    { ip: '10.9.0.2', network: 'ov' },
    // One that is reached from everywhere, as those of Kubernetes are.
    { ip: '10.96.0.2', network: '' },
  ],
  nodePorts: [{ ip: '0.0.0.0', port: 9090, targetPort: 80, transport: 'tcp' }],
}
/** A task on a machine without an agent. */
const app = groupOf('marathon:/app', 'marathon', {
  ...instanceOf('marathon:task', '', '10.0.0.9', ''),
  node: '10.0.0.9',
  published: [{ ip: '10.0.0.9', port: 31_005, targetPort: 8080, transport: 'tcp' }],
})

function world() {
  const tenures = new Tenures()
  const places = new Places()
  const tell = (node: string, orchestrator: string, ...groups: ServiceGroup[]) =>
    tenures.all({ node, orchestrator }, groups, 2000)
  for (const place of [n1, n2]) places.place(place)
  const networks = {
    n1: [bridge('b1'), overlay('10.9.0.4')],
    n2: [bridge('b2'), overlay('10.9.0.5')],
  }
  for (const [node, all] of Object.entries(networks)) {
    places.networks(node, all)
    tenures.networks(all)
  }
  tell('n1', 'docker', front, a)
  tell('n1', 'swarm', swarmWeb)
  tell('n2', 'docker', web, b)
  tell('n2', 'process', sshd)
  tell('', 'marathon', app)
  places.heard('n2', 'tcp', 22, 'process:9')
  const attributor = new Attributor(tenures, places, new Names(), new Outsiders())
  return { tenures, places, attributor }
}

/** `n1 ns-f client 10.9.0.3:0 > 10.9.0.2:80` */
function sightOf(text: string): { subject: Subject; place: NodePlace } {
  const [node, namespace, local, client, , server] = text.split(' ')
  const ends = { client: parse(client)!, server: parse(server)! }
  const rest = { transport: 'tcp', protocol: 'http' } as const
  const subject = { namespace, local: local as Local, ...ends, ...rest }
  return { subject, place: node === 'n1' ? n1 : n2 }
}

const cases: [claim: string, sight: string, link: string][] = [
  [
    'a virtual address is its service, seen by who calls it',
    'n1 ns-f client 10.9.0.3:0 > 10.9.0.2:80',
    'swarm:front > swarm:web:80',
  ],
  [
    'behind the balancer of a node stands any of its clients, which sees the call itself',
    'n2 ns-w server 10.9.0.4:0 > 10.9.0.7:80',
    'elsewhere',
  ],
  [
    'so too behind the balancer of the own node',
    'n2 ns-w server 10.9.0.5:0 > 10.9.0.7:80',
    'elsewhere',
  ],
  [
    'an address of an overlay is the same on every node',
    'n1 ns-f client 10.9.0.3:0 > 10.9.0.7:80',
    'swarm:front > swarm:web docker:w:80',
  ],
  [
    'whoever else is on an overlay does not come from outside: a machine without an agent, or its balancer',
    'n2 ns-w server 10.9.0.99:0 > 10.9.0.7:80',
    'external:10.9.0.99? > swarm:web docker:w:80',
  ],
  [
    'who is called there is not known either',
    'n1 ns-f client 10.9.0.3:0 > 10.9.0.98:80',
    'swarm:front > external:10.9.0.98?:80',
  ],
  [
    'who comes from elsewhere does come from outside',
    'n2 ns-w server 203.0.113.9:0 > 10.9.0.7:80',
    'internet > swarm:web docker:w:80',
  ],
  [
    'a machine outside with an address of the overlay is no task',
    'n1 host server 10.9.0.7:0 > 10.0.0.5:9090',
    'internet > swarm:web:80',
  ],
  [
    'nor is it where the overlay is not reached',
    'n1 ns-a client 172.17.0.2:0 > 10.9.0.7:80',
    'container:a > external:10.9.0.7:80',
  ],
  [
    'who calls from another node with an agent is told by that agent',
    'n2 ns-w server 10.9.0.3:0 > 10.9.0.7:80',
    'elsewhere',
  ],
  [
    'a port of every node from outside',
    'n1 host server 203.0.113.9:0 > 10.0.0.5:9090',
    'internet > swarm:web:80',
  ],
  [
    'a port of every node from a container',
    'n1 ns-a client 172.17.0.2:0 > 10.0.0.6:9090',
    'container:a > swarm:web:80',
  ],
  [
    'the same port of somebody outside is not the cluster’s',
    'n1 ns-a client 172.17.0.2:0 > 198.51.100.7:9090',
    'container:a > external:198.51.100.7:9090',
  ],
  [
    'a port that another node publishes',
    'n1 ns-a client 172.17.0.2:0 > 10.0.0.6:8080',
    'container:a > container:b docker:b:80',
  ],
  [
    'the same on the other node, masqueraded',
    'n2 host server 10.0.0.5:0 > 10.0.0.6:8080',
    'elsewhere',
  ],
  ['and in the container that answers', 'n2 ns-b server 10.0.0.5:0 > 172.17.0.2:80', 'elsewhere'],
  [
    'bridges of two nodes have the same addresses, which mean others',
    'n2 ns-b server 172.17.0.1:0 > 172.17.0.2:80',
    'host:n2 > container:b docker:b:80',
  ],
  [
    'from outside to a published port',
    'n2 ns-b server 203.0.113.9:0 > 172.17.0.2:80',
    'internet > container:b docker:b:80',
  ],
  [
    'who listens on another node is known to that node',
    'n1 ns-a client 172.17.0.2:0 > 10.0.0.6:22',
    'container:a > process:sshd process:9:22',
  ],
  [
    'a port of another node that nobody was heard on is the node, not known',
    'n1 ns-a client 172.17.0.2:0 > 10.0.0.6:23',
    'container:a > host:n2:23',
  ],
  [
    'a task on a machine without an agent',
    'n1 ns-a client 172.17.0.2:0 > 10.0.0.9:31005',
    'container:a > marathon:/app marathon:task:8080',
  ],
]

for (const [claim, text, link] of cases) {
  test(claim, () => {
    const { subject, place } = sightOf(text)
    const found = world().attributor.attribute(subject, place, 5000)
    if (found.kind !== 'link') return assert.equal(found.kind, link)
    const { client, server } = found
    const instance = server.instance ? ` ${server.instance.id}` : ''
    const [from, to] = [client, server].map(({ service, known }) =>
      known || service.kind === 'host' ? service.id : `${service.id}?`,
    )
    const ends = `${from} > ${to}${instance}:${server.endpoint.port}`
    assert.equal(ends, link)
  })
}

test('a call through a virtual address counts where it is made, not again where it is answered', () => {
  const { attributor } = world()
  const observers = new Observers()
  const counts = (text: string): boolean => {
    const { subject, place } = sightOf(text)
    const found = attributor.attribute(subject, place, 5000)
    if (found.kind !== 'link') return false
    return observers.counts(subject, found.client, found.server, place, 5000)
  }
  assert.ok(counts('n2 ns-b client 172.17.0.2:0 > 10.96.0.2:80'))
  assert.ok(!counts('n2 ns-w server 172.17.0.2:0 > 10.9.0.7:80'))
  assert.ok(counts('n2 ns-w server 203.0.113.9:0 > 10.9.0.7:80'))
})

test('a service that is gone from one node is still there on another', () => {
  const { tenures } = world()
  tenures.changed({ node: 'n1', orchestrator: 'swarm' }, { ...swarmWeb, instances: [] }, 9000)
  const seen = tenures.ofAddress({ node: 'n1', networks: ['ov'] }, '10.9.0.7', 90_000)
  assert.equal(seen?.instance?.id, 'docker:w')
  const virtual = tenures.ofAddress({ node: 'n1', networks: ['ov'] }, '10.9.0.2', 90_000)
  assert.equal(virtual?.service.id, 'swarm:web')
})

test('of several managers who tell of one swarm the newest counts, and one that knows less takes nothing away', () => {
  const tenures = new Tenures()
  const tell = (node: string, version: number, ...groups: ServiceGroup[]) => {
    const cluster = { id: 'c1', version }
    const told = groups.map(group => ({ ...group, cluster }))
    tenures.all({ node, orchestrator: 'swarm' }, told, version * 1000)
  }
  const told = () =>
    [...tenures.groups()].map(({ service, instances }) => [service.id, instances.length])
  const holder = (ip: string, atMs: number) =>
    tenures.ofAddress({ node: 'n1', networks: ['ov'] }, ip, atMs)?.instance?.id
  const task = (id: string, ip: string) => ({ ...instanceOf(id, '', ip, 'ov'), node: 'n2' })
  const [one, two] = [task('swarm:1', '10.9.0.7'), task('swarm:2', '10.9.0.8')]
  const db = groupOf('swarm:db', 'swarm', task('swarm:9', '10.9.0.9'))
  tell('n1', 10, groupOf('swarm:web', 'swarm', one, two), db)
  tell('n2', 20, groupOf('swarm:web', 'swarm', one), groupOf('swarm:new', 'swarm', two))
  assert.deepEqual(told(), [
    ['swarm:web', 1],
    ['swarm:new', 1],
  ])
  tell('n1', 10, groupOf('swarm:web', 'swarm', one, two))
  assert.deepEqual(told(), [
    ['swarm:web', 1],
    ['swarm:new', 1],
  ])
  assert.deepEqual([holder('10.9.0.8', 15_000), holder('10.9.0.9', 90_000)], ['swarm:2', undefined])
  tenures.all({ node: 'n1', orchestrator: 'swarm' }, [], 30_000)
  assert.equal(told().length, 2, 'a manager that has nothing to tell takes nothing away')
  const other = { ...groupOf('swarm:web', 'swarm', task('swarm:x', '10.9.0.7')) }
  tenures.changed(
    { node: 'n9', orchestrator: 'swarm' },
    { ...other, cluster: { id: 'c2', version: 1 } },
    31_000,
  )
  assert.equal(told()[0][1], 2, 'another swarm is another')
})
