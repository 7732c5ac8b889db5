import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import type { Resident } from '#model/resident.ts'
import type { Instance, ServiceGroup } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import { Attributor } from './attribute.ts'
import { groupOf, instanceOf } from './fixtures.ts'
import { Names } from './names.ts'
import { Observers, precedence } from './observers.ts'
import { Outsiders } from './outsiders.ts'
import { type NodePlace, Places } from './places.ts'
import { Tenures } from './tenures.ts'

// Nodes whose runtime tells nobody what it runs: their agents see containers, the cluster's API knows who they are.

const n1: NodePlace = { node: 'n1', hostNamespace: 'host', addresses: new Set(['10.0.0.5']) }
const n2: NodePlace = { node: 'n2', hostNamespace: 'host', addresses: new Set(['10.0.0.6']) }

function podOf(task: string, node: string, ip: string, ...containers: string[]): Instance {
  const addresses = ip === '' ? [] : [{ ip, network: 'kubernetes:pods' }]
  return instanceOf(`kubernetes:${task}`, { task, node, addresses, containers })
}

const live = (namespace: string, ip: string, ...names: string[]): Resident => ({
  ...{ namespace, names, addresses: ip === '' ? [] : [ip] },
})

const vote = groupOf('k:vote', 'kubernetes', podOf('v', 'n1', '10.244.1.2', 'docker:v1'))
const db = groupOf('k:db', 'kubernetes', podOf('d', 'n2', '10.244.2.2', 'docker:d1', 'docker:d2'))
const proxy = groupOf('k:proxy', 'kubernetes', podOf('p', 'n1', '', 'docker:p1'))
const kubelet = groupOf('process:kubelet', 'process', instanceOf('process:7'))

interface World {
  readonly cluster?: readonly ServiceGroup[]
  readonly n1?: readonly Resident[]
  readonly n2?: readonly Resident[]
  readonly docker?: readonly ServiceGroup[]
}

const all: World = {
  cluster: [vote, db, proxy],
  n1: [
    live('ns-v', '10.244.1.2', 'docker:pause', 'task:v'),
    live('ns-v', '10.244.1.2', 'docker:v1', 'task:v'),
    live('host', '', 'docker:p1', 'task:p'),
  ],
  n2: [
    live('ns-d', '10.244.2.2', 'docker:d1', 'task:d'),
    live('ns-d', '10.244.2.2', 'docker:d2', 'task:d'),
  ],
}

function tenuresOf({ cluster = [], n1 = [], n2 = [], docker = [] }: World): Tenures {
  const tenures = new Tenures()
  const pods = { id: 'kubernetes:pods', name: 'pods', driver: 'kubernetes', isShared: true }
  tenures.networks([{ ...pods, gateways: [], subnets: [] }])
  tenures.all({ node: '', orchestrator: 'kubernetes' }, cluster, 2000)
  tenures.all({ node: 'n1', orchestrator: 'docker' }, docker, 2000)
  tenures.all({ node: 'n1', orchestrator: 'process' }, [kubelet], 2000)
  tenures.residents('n1', n1, 2000)
  tenures.residents('n2', n2, 2000)
  return tenures
}

/** `n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432`, and who owns the sockets. */
function sightOf(text: string, owners: Partial<Subject> = {}) {
  const [node, namespace, local, client, , server] = text.split(' ')
  const ends = { client: parse(client)!, server: parse(server)! }
  const rest = { transport: 'tcp', protocol: 'http' } as const
  const subject = { namespace, local: local as Local, ...ends, ...rest, ...owners }
  return { subject, place: node === 'n1' ? n1 : n2 }
}

function attributorOf(tenures: Tenures): Attributor {
  const places = new Places()
  for (const place of [n1, n2]) places.place(place)
  return new Attributor(tenures, places, new Names(), new Outsiders())
}

function linkOf(tenures: Tenures, text: string, owners: Partial<Subject> = {}, atMs = 5000) {
  const { subject, place } = sightOf(text, owners)
  const found = attributorOf(tenures).attribute(subject, place, atMs)
  if (found.kind !== 'link') return found.kind
  const [from, to] = [found.client, found.server].map(({ service, known }) =>
    known ? service.id : `${service.id}?`,
  )
  return `${from} > ${to}`
}

const cases: [claim: string, world: World, text: string, owners: Partial<Subject>, link: string][] =
  [
    [
      'whose container lives in a namespace is who calls there',
      all,
      'n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'k:vote > k:db',
    ],
    [
      'on the other node the call is told elsewhere',
      all,
      'n2 ns-d server 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'elsewhere',
    ],
    [
      'a pod of several containers is one',
      all,
      'n2 ns-d client 10.244.2.2:0 > 10.244.1.2:80',
      {},
      'k:db > k:vote',
    ],
    [
      'a pod of the host network is known by its container',
      all,
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'docker:p1' },
      'k:proxy > k:db',
    ],
    [
      'and by its task, while its container is not told',
      { ...all, n1: [live('host', '', 'docker:new', 'task:p')] },
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'docker:new' },
      'k:proxy > k:db',
    ],
    [
      'of nested containers the nearest that is known is meant',
      { ...all, n1: [live('host', '', 'docker:deep', 'docker:p1')] },
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'docker:deep' },
      'k:proxy > k:db',
    ],
    [
      'a container that nobody tells of is the node, not known',
      { ...all, cluster: [db] },
      'n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'host:n1? > k:db',
    ],
    [
      'nor is it the process that was read before it was in its container',
      { ...all, cluster: [db] },
      'n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432',
      { clientOwner: 'process:7' },
      'host:n1? > k:db',
    ],
    [
      'a pod that is called before it is told is its node, not known',
      { ...all, cluster: [vote] },
      'n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'k:vote > host:n2?',
    ],
    [
      'a pod whose address is not told yet is known by its task',
      { ...all, cluster: [vote, groupOf('k:db', 'kubernetes', podOf('d', 'n2', ''))] },
      'n1 ns-v client 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'k:vote > k:db',
    ],
    [
      'its calls are told once, by its own node',
      { ...all, cluster: [db] },
      'n2 ns-d server 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'elsewhere',
    ],
    [
      'also where the cluster calls its machines otherwise than their agents do',
      { ...all, cluster: [groupOf('k:vote', 'kubernetes', podOf('v', 'n1.dc', '10.244.1.2'))] },
      'n2 ns-d server 10.244.1.2:0 > 10.244.2.2:5432',
      {},
      'elsewhere',
    ],
    [
      'a container of no pod has its address on its own network only',
      { cluster: [db], n1: [live('ns-x', '172.17.0.2', 'docker:x')], n2: all.n2 },
      'n2 ns-d server 172.17.0.2:0 > 10.244.2.2:5432',
      {},
      'internet > k:db',
    ],
    [
      'containers that share a namespace and are of several services are told apart by their sockets',
      { cluster: [db, vote], n2: [live('ns', '', 'docker:d1'), live('ns', '', 'docker:v1')] },
      'n2 ns client 10.9.9.9:0 > 10.244.2.2:5432',
      { clientOwner: 'docker:v1' },
      'k:vote > k:db',
    ],
    [
      'and are never guessed',
      { cluster: [db, vote], n2: [live('ns', '', 'docker:d1'), live('ns', '', 'docker:v1')] },
      'n2 ns client 10.9.9.9:0 > 10.244.2.2:5432',
      {},
      'host:n2? > k:db',
    ],
    [
      'nor is one beside a stranger',
      { cluster: [db], n2: [live('ns', '', 'docker:d1'), live('ns', '', 'docker:who')] },
      'n2 ns client 10.9.9.9:0 > 10.244.2.2:5432',
      {},
      'host:n2? > k:db',
    ],
    [
      'a task of Mesos is known by its container',
      {
        cluster: [groupOf('m:job', 'mesos', instanceOf('m1', { containers: ['mesos:c'] })), db],
        n1: [live('host', '', 'mesos:c', 'task:forged')],
      },
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'mesos:c' },
      'm:job > k:db',
    ],
    [
      'or by what it says of its task, where only that is told',
      {
        cluster: [groupOf('m:app', 'marathon', instanceOf('m1', { task: 'app.1' })), db],
        n1: [live('host', '', 'mesos:c', 'task:app.1')],
      },
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'mesos:c' },
      'm:app > k:db',
    ],
    [
      'an executor of tasks of several services is none of them',
      {
        cluster: [
          groupOf('m:a', 'mesos', instanceOf('a1', { containers: ['mesos:c'] })),
          groupOf('m:b', 'mesos', instanceOf('b1', { containers: ['mesos:c'] })),
          db,
        ],
        n1: [live('host', '', 'mesos:c')],
      },
      'n1 host client 10.0.0.5:0 > 10.244.2.2:5432',
      { clientOwner: 'mesos:c' },
      'host:n1? > k:db',
    ],
  ]

for (const [claim, world, text, owners, link] of cases) {
  test(claim, () => assert.equal(linkOf(tenuresOf(world), text, owners), link))
}

test('where Docker and Kubernetes tell of the same pod, it is there once', () => {
  const seen = instanceOf('docker:v1', { task: 'v', namespace: 'ns-v' })
  const tenures = tenuresOf({ ...all, docker: [groupOf('k:vote', 'kubernetes', seen)] })
  const { tenants, strangers } = tenures.ofNamespace('n1', 'ns-v', 5000)
  assert.deepEqual([tenants.map(({ instance }) => instance?.id), strangers], [['docker:v1'], 0])
  assert.equal(tenures.owner('n1', 'docker:v1', 5000)?.instance.id, 'docker:v1')
  assert.equal(tenures.group('k:vote')?.instances.length, 1)
})

test('a namespace is whose it was then', () => {
  const tenures = tenuresOf({ ...all, cluster: [vote, db] })
  const next = live('ns-v', '10.244.1.9', 'docker:d1', 'task:d')
  tenures.residents('n1', [next], 60_000)
  const link = (atMs: number) =>
    linkOf(tenures, 'n1 ns-v client 10.9.9.9:0 > 198.51.100.7:443', {}, atMs)
  assert.equal(link(59_000), 'k:vote > external:198.51.100.7')
  assert.equal(link(60_000), 'k:db > external:198.51.100.7')
  tenures.residents('n1', [], 70_000)
  assert.equal(link(75_000), 'k:db > external:198.51.100.7')
  assert.equal(link(70_000 + 31_000), 'host:n1? > external:198.51.100.7')
})

test('what ended long ago is forgotten', () => {
  const tenures = tenuresOf(all)
  tenures.residents('n1', [], 10_000)
  tenures.all({ node: '', orchestrator: 'kubernetes' }, [db], 10_000)
  tenures.prune(20 * 60_000)
  assert.equal(tenures.owner('n1', 'docker:p1', 5000), undefined)
  assert.equal(tenures.foundAt('10.244.1.2', 5000), undefined)
  assert.equal(tenures.owner('n2', 'docker:d2', 20 * 60_000)?.service.id, 'k:db')
})

/** The cluster address 10.96.0.7, and port 30007 of every node. */
const service: ServiceGroup = {
  ...db,
  virtual: [{ ip: '10.96.0.7', network: 'kubernetes:services' }],
  nodePorts: [{ ip: '0.0.0.0', port: 30_007, targetPort: 5432, transport: 'tcp' }],
}

/** Those of one second's sightings that count, asked in the order of a second; of several tellings, one after the other. */
function countedOf(...tellings: readonly (readonly string[])[]): string[] {
  const attributor = attributorOf(tenuresOf({ ...all, cluster: [vote, service, proxy] }))
  const observers = new Observers()
  return tellings.flatMap(texts => {
    const sights = texts.map(text => ({ text, ...sightOf(text) }))
    sights.sort((a, b) => precedence(b.subject, b.place) - precedence(a.subject, a.place))
    return sights.flatMap(({ text, subject, place }) => {
      const found = attributor.attribute(subject, place, 5000)
      if (found.kind !== 'link') return []
      const { client, server } = found
      return observers.counts(subject, client, server, place, 5000) ? [text] : []
    })
  })
}

const made = 'n1 ns-v client 10.244.1.2:0 > 10.96.0.7:80'
const leaving = 'n1 host client 10.244.1.2:0 > 10.244.2.2:5432'
const arriving = 'n2 host server 10.244.1.2:0 > 10.244.2.2:5432'
const answered = 'n2 ns-d server 10.244.1.2:0 > 10.244.2.2:5432'

test('a call of a cluster address counts where it is made, not again where it passes translated', () => {
  assert.deepEqual(countedOf([answered, arriving, leaving, made]), [made])
})

test('nor where it is made, when that is told after it was counted where it passed', () => {
  assert.deepEqual(countedOf([leaving], [made]), [leaving])
})

test('a pod’s call of a port of its node counts once, masqueraded or not', () => {
  const port = 'n1 ns-v client 10.244.1.2:0 > 10.0.0.5:30007'
  assert.deepEqual(countedOf([leaving, port]), [port])
  assert.deepEqual(countedOf([leaving, port, 'n2 ns-d server 10.0.0.5:0 > 10.244.2.2:5432']), [
    port,
  ])
})

test('who enters from outside at a port of a node counts there, wherever the pod is', () => {
  const entry = 'n1 host server 203.0.113.9:0 > 10.0.0.5:30007'
  const onward = 'n1 host client 203.0.113.9:0 > 10.244.2.2:5432'
  const masked = 'n2 ns-d server 10.0.0.5:0 > 10.244.2.2:5432'
  assert.deepEqual(countedOf([masked, onward, entry]), [entry])
  const near = 'n2 host server 203.0.113.9:0 > 10.0.0.6:30007'
  const kept = 'n2 ns-d server 203.0.113.9:0 > 10.244.2.2:5432'
  assert.deepEqual(countedOf([kept, near]), [near])
})
