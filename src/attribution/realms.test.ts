import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '#model/endpoint.ts'
import type { Local } from '#model/flow.ts'
import type { Instance, ServiceGroup } from '#model/service.ts'
import type { Subject } from '#model/window.ts'
import { instanceOf } from './fixtures.ts'
import type { NodePlace } from './places.ts'
import { Realms } from './realms.ts'

// Two clusters alike: a machine `n1` in each, with the same bridge, the same overlay and the same services on the same
// addresses. Only the machines' own addresses differ.

const nodeAddress = { blue: '10.0.0.5', green: '10.0.0.6' } as const
type Cluster = keyof typeof nodeAddress

const placeOf = (cluster: Cluster): NodePlace => ({
  node: 'n1',
  hostNamespace: 'host',
  addresses: new Set([nodeAddress[cluster], '172.17.0.1']),
})

const liveAt = (id: string, namespace: string, ip: string): Instance =>
  instanceOf(id, { namespace, addresses: [{ ip, network: 'ov' }] })

const front: ServiceGroup = {
  service: { id: 'swarm:front', name: 'front', kind: 'swarm', group: ['shop'] },
  instances: [liveAt('docker:f', 'ns-f', '10.9.0.3')],
}
const web: ServiceGroup = {
  service: { id: 'swarm:web', name: 'web', kind: 'swarm', group: ['shop'] },
  instances: [
    {
      ...liveAt('docker:w', 'ns-w', '10.9.0.7'),
      published: [{ ip: '0.0.0.0', port: 8080, targetPort: 80, transport: 'tcp' }],
    },
  ],
}

function world() {
  const realms = new Realms()
  for (const cluster of ['blue', 'green'] as const) {
    const realm = realms.of(cluster)
    realm.place(placeOf(cluster))
    const rest = { name: 'shop', driver: 'overlay', subnets: ['10.9.0.0/24'], gateways: [] }
    realm.networks('n1', [{ id: 'ov', isShared: true, ...rest }])
    realm.groups({ node: 'n1', orchestrator: 'docker' }, true, [front, web], 5000)
  }
  const see = (cluster: Cluster, where: string, client: string, server: string, local: Local) => {
    const subject: Subject = {
      ...{ namespace: where, transport: 'tcp', protocol: 'http', local },
      ...{ client: parse(client)!, server: parse(server)! },
    }
    const found = realms.of(cluster).attribute(subject, placeOf(cluster), 10_000)
    if (found.kind !== 'link') return found.kind
    return `${found.client.service.id} -> ${found.server.service.id}`
  }
  return { realms, see }
}

test('the same address is another service in another cluster', () => {
  const { see } = world()
  for (const cluster of ['blue', 'green'] as const) {
    const found = see(cluster, 'ns-f', '10.9.0.3:40000', '10.9.0.7:80', 'client')
    assert.equal(found, `swarm:front@${cluster} -> swarm:web@${cluster}`)
  }
})

test('a port of a machine of another cluster leads to who is published there; the call counts where it is made', () => {
  const { see } = world()
  assert.equal(
    see('blue', 'ns-f', '10.9.0.3:40000', '10.0.0.6:8080', 'client'),
    'swarm:front@blue -> swarm:web@green',
  )
  assert.equal(see('green', 'ns-w', '10.0.0.5:40000', '10.9.0.7:80', 'server'), 'elsewhere')
  assert.equal(
    see('blue', 'ns-f', '10.9.0.3:40000', '10.0.0.6:22', 'client'),
    'swarm:front@blue -> host:n1@green',
  )
})

test('who is outside of one cluster and no machine of another is outside', () => {
  const { see } = world()
  assert.equal(
    see('blue', 'ns-f', '10.9.0.3:40000', '192.0.2.7:80', 'client'),
    'swarm:front@blue -> external:192.0.2.7',
  )
  assert.equal(
    see('green', 'ns-w', '192.0.2.7:40000', '10.9.0.7:80', 'server'),
    'internet -> swarm:web@green',
  )
})

test('an address that machines of several clusters have says nothing about others', () => {
  const { realms, see } = world()
  realms.of('red').place({ ...placeOf('green'), node: 'n9' })
  assert.equal(
    see('blue', 'ns-f', '10.9.0.3:40000', '10.0.0.6:8080', 'client'),
    'swarm:front@blue -> external:10.0.0.6',
  )
})

test('services are asked for by the name that is told', () => {
  const { realms } = world()
  const told = [...realms].flatMap(realm => [...realm.told()].map(({ service }) => service))
  assert.deepEqual(told.map(({ id }) => id).sort(), [
    'swarm:front@blue',
    'swarm:front@green',
    'swarm:web@blue',
    'swarm:web@green',
  ])
  assert.deepEqual(told[0].group, ['blue', 'shop'])
  assert.equal(realms.of('green').group('swarm:web@green')?.instances[0].id, 'docker:w')
  assert.equal(realms.of('green').group('swarm:web@blue'), undefined)
})

test('an instance is on the machine whose agent tells it, else on the one that its orchestrator names', () => {
  const realm = new Realms().of('blue')
  realm.place(placeOf('blue'))
  const agent = { node: 'n1', orchestrator: 'docker' }
  const cluster = { node: '', orchestrator: 'marathon' }
  const app = (...instances: Instance[]) => [{ service: web.service, instances }]
  realm.groups(agent, true, app(instanceOf('docker:w', { task: 't1' })), 1000)
  const [t1, t2, t3] = ['n1.example.com', nodeAddress.blue, '10.0.0.99'].map((node, i) =>
    instanceOf(`marathon:t${i + 1}`, { task: `t${i + 1}`, node }),
  )
  realm.groups(cluster, true, app(t1, t2, t3, instanceOf('marathon:t4')), 2000)
  const instances = realm.group('swarm:web@blue')!.instances
  assert.deepEqual(
    instances.map(instance => `${instance.id} ${realm.machineOf(instance)}`),
    ['docker:w blue/n1', 'marathon:t2 blue/n1', 'marathon:t3 blue/10.0.0.99', 'marathon:t4 '],
  )
})
