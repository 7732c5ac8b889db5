import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceGroup } from '#model/service.ts'
import type { FakeObject } from './fake-api.ts'
import { deployment, node, ownedBy, pod, replicaSet, service, slice } from './fake-objects.ts'
import { type Kind, type Kinds, resources } from './resources.ts'
import { Roster } from './roster.ts'

type Objects = Partial<Record<Kind, readonly FakeObject[]>>

/** What a cluster of these objects is told as. */
function told(objects: Objects): Map<string, ServiceGroup> {
  const roster = new Roster(() => {})
  for (const kind of Object.keys(objects) as Kind[]) {
    const read = objects[kind]!.map(object => resources[kind].read(object)!)
    roster.sink(kind).replace(read as Kinds[typeof kind][])
  }
  return new Map(roster.all().map(group => [group.service.id.replace('kubernetes:', ''), group]))
}

const one = (object: FakeObject, more: Objects = {}) =>
  [...told({ pods: [object], ...more }).values()][0]

test('a pod is of the workload that people know, whatever stands between', () => {
  const job = {
    metadata: { name: 'hello-1567179180', namespace: 'shop', uid: 'uid-hello-1567179180' },
  }
  const scheduled = {
    metadata: { ...job.metadata, ownerReferences: ownedBy('CronJob', 'hello') },
  }
  const table: [FakeObject, Objects, string][] = [
    [pod('lone'), {}, 'shop:pod:lone'],
    [pod('db-0', { owner: ['StatefulSet', 'db'] }), {}, 'shop:statefulset:db'],
    [pod('log-x', { owner: ['DaemonSet', 'log'] }), {}, 'shop:daemonset:log'],
    [
      pod('a', { owner: ['ReplicaSet', 'vote-7d'] }),
      { replicasets: [replicaSet('vote-7d', 'vote')] },
      'shop:deployment:vote',
    ],
    // An owner that the project does not know: Argo's, a mesh's, anybody's.
    [
      pod('a', { owner: ['ReplicaSet', 'vote-7d'] }),
      {
        replicasets: [
          {
            metadata: {
              ...{ name: 'vote-7d', namespace: 'shop', uid: 'uid-vote-7d' },
              ownerReferences: ownedBy('Rollout', 'vote'),
            },
          },
        ],
      },
      'shop:rollout:vote',
    ],
    // A ReplicaSet of that name, of another time: what it says is not of this pod.
    [
      pod('a', { owner: ['ReplicaSet', 'vote-7d'], labels: { 'pod-template-hash': '7d' } }),
      {
        replicasets: [{ metadata: { name: 'vote-7d', namespace: 'shop', uid: 'another' } }],
      },
      'shop:deployment:vote',
    ],
    [
      pod('a', { owner: ['ReplicaSet', 'vote-7d'] }),
      { replicasets: [{ metadata: { name: 'vote-7d', namespace: 'shop', uid: 'uid-vote-7d' } }] },
      'shop:replicaset:vote-7d',
    ],
    [
      pod('a', { owner: ['ReplicaSet', 'vote-7d'], labels: { 'pod-template-hash': '7d' } }),
      {},
      'shop:deployment:vote',
    ],
    [pod('a', { owner: ['ReplicaSet', 'vote-7d'] }), {}, 'shop:replicaset:vote-7d'],
    [pod('a', { owner: ['Job', 'hello-1567179180'] }), { jobs: [scheduled] }, 'shop:cronjob:hello'],
    [
      pod('a', { owner: ['Job', 'hello-1567179180'] }),
      { jobs: [job] },
      'shop:job:hello-1567179180',
    ],
    [pod('a', { owner: ['Job', 'hello-1567179180'] }), {}, 'shop:cronjob:hello'],
    [pod('a', { owner: ['Job', 'migrate'] }), {}, 'shop:job:migrate'],
    [pod('etcd-n1', { owner: ['Node', 'n1'] }), {}, 'shop:static:etcd'],
  ]
  for (const [object, more, wanted] of table) {
    const group = [...told({ pods: [object], ...more })].find(([, group]) => group.instances.length)
    assert.equal(group?.[0], wanted)
  }
})

test('who only wants to be asked is no owner', () => {
  const ownerReferences = [{ kind: 'Backup', name: 'b', uid: 'x' }, ...ownedBy('StatefulSet', 'db')]
  assert.equal(
    one(pod('db-0', { metadata: { ownerReferences } })).service.id,
    'kubernetes:shop:statefulset:db',
  )
})

test('static pods of all nodes are one service, and are called as their kubelets call them', () => {
  const metadata = { annotations: { 'kubernetes.io/config.mirror': 'f00' } }
  const pods = ['n1', 'n2'].map(node =>
    pod(`etcd-${node}`, { node, owner: ['Node', node], metadata }),
  )
  const group = told({ pods }).get('shop:static:etcd')
  assert.deepEqual(
    group?.instances.map(({ name, task, node }) => [name, task, node]),
    [
      ['etcd-n1', 'f00', 'n1'],
      ['etcd-n2', 'f00', 'n2'],
    ],
  )
})

test('state and health', () => {
  const began = { state: { running: { startedAt: '2026-01-01T00:00:05Z' } } }
  const ready = (status: string, lastTransitionTime: string) => ({
    conditions: [{ type: 'Ready', status, lastTransitionTime }],
    containerStatuses: [began],
  })
  const loop = { restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } } }
  const table: [object, string][] = [
    [ready('True', '2026-01-01T00:00:09Z'), 'running healthy'],
    [ready('False', '2026-01-01T00:00:00Z'), 'running starting'],
    [ready('False', '2026-01-01T00:10:00Z'), 'running unhealthy'],
    [{ ...ready('False', '2026-01-01T00:00:00Z'), phase: 'Pending' }, 'starting starting'],
    [{ ...ready('False', ''), containerStatuses: [loop] }, 'restarting unhealthy'],
    [{ phase: 'Unknown', conditions: null }, 'unreachable unknown'],
    [{ phase: 'Running', conditions: [] }, 'running unknown'],
  ]
  for (const [status, wanted] of table) {
    const { state, health } = one(pod('a', { status })).instances[0]
    assert.equal(`${state} ${health}`, wanted, JSON.stringify(status))
  }
})

test('a pod that is told to end still runs, and holds what it held', () => {
  const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z' }
  const [instance] = one(pod('a', { metadata })).instances
  assert.equal(instance.state, 'running')
  assert.equal(instance.addresses.length, 1)
})

test('what is not on a node yet, or is over, is no instance', () => {
  for (const phase of ['Succeeded', 'Failed']) {
    assert.equal(told({ pods: [pod('a', { status: { phase } })] }).size, 0)
  }
  assert.equal(told({ pods: [pod('a', { node: '', status: { phase: 'Pending' } })] }).size, 0)
})

test('a pod in the host’s network owns no address: it listens at those of its node', () => {
  const pods = [pod('a', { ip: '192.168.0.1', spec: { hostNetwork: true } })]
  const nodes = [node('n1', '192.168.0.1')]
  const ports = (group: ServiceGroup) =>
    group.instances[0].published.map(({ ip, port, targetPort }) => `${ip}:${port}>${targetPort}`)
  const [group] = told({ pods, nodes }).values()
  assert.deepEqual(group.instances[0].addresses, [])
  assert.deepEqual(ports(group), ['0.0.0.0:8080>8080', '192.168.0.1:8080>8080'])
  assert.deepEqual(ports([...told({ pods }).values()][0]), ['0.0.0.0:8080>8080'])
})

test('host ports of any container that stays lead into the pod', () => {
  const port = (containerPort: number, hostPort?: number, more = {}) => ({
    ...{ containerPort, hostPort },
    ...more,
  })
  const spec = {
    containers: [
      { name: 'a', ports: [port(80, 8080), port(443), port(9, 9, { protocol: 'SCTP' })] },
    ],
    initContainers: [
      { name: 'proxy', restartPolicy: 'Always', ports: [port(53, 53, { protocol: 'UDP' })] },
      { name: 'setup', ports: [port(1, 1)] },
    ],
  }
  const [instance] = one(pod('a', { spec })).instances
  assert.deepEqual(
    instance.published.map(({ ip, port, targetPort, transport }) => [
      ip,
      port,
      targetPort,
      transport,
    ]),
    [
      ['0.0.0.0', 8080, 80, 'tcp'],
      ['0.0.0.0', 53, 53, 'udp'],
    ],
  )
})

test('both addresses of a pod, in one form; containers by the id that control groups show', () => {
  const id = 'a'.repeat(64)
  const status = {
    podIP: '10.1.0.5',
    podIPs: [{ ip: '10.1.0.5' }, { ip: 'FD00:0:0::5' }, { ip: 'nonsense' }],
    containerStatuses: [{ containerID: `containerd://${id}` }, { containerID: '' }],
  }
  const [instance] = one(pod('a', { status })).instances
  assert.deepEqual(
    instance.addresses.map(({ ip }) => ip),
    ['10.1.0.5', 'fd00::5'],
  )
  assert.deepEqual(instance.containers, [`docker:${id}`])
})

test('of the environment of a container only names are told, and no labels that smell of secrets', () => {
  const spec = {
    containers: [
      { name: 'a', image: 'x', env: [{ name: 'P', value: 'hunter2' }], args: ['hunter2'] },
    ],
  }
  const labels = { app: 'a', 'db-password': 'hunter2' }
  const group = one(pod('a', { spec, labels }))
  assert.deepEqual(group.instances[0].environment, ['P'])
  assert.ok(!JSON.stringify(group).includes('hunter2'))
})

const http = { name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }

/** `shop:pod:a: 10.96.0.1:80>8080` for each group that is led to. */
function led(objects: Objects): string[] {
  return [...told(objects)].flatMap(([id, { virtual = [], nodePorts = [] }]) => {
    const virtuals = virtual.flatMap(({ ip, ports = [] }) =>
      ports.map(({ port, targetPort }) => `${id} ${ip}:${port}>${targetPort}`),
    )
    const nodes = nodePorts.map(
      ({ ip, port, targetPort }) => `${id} node ${ip}:${port}>${targetPort}`,
    )
    return [...virtuals, ...nodes]
  })
}

test('addresses of a Service lead to the workload behind it', () => {
  const pods = [pod('a', { labels: { app: 'a' } })]
  const nodes = [node('n1', '192.168.0.1')]
  const selector = { app: 'a' }
  const table: [string, object, Objects, readonly string[]][] = [
    [
      'by labels',
      { clusterIP: '10.96.0.1', ports: [http], selector },
      {},
      ['shop:pod:a 10.96.0.1:80>8080'],
    ],
    [
      'by slices',
      { clusterIP: '10.96.0.1', ports: [http] },
      { endpointslices: [slice('s', ['a'], 9090)] },
      ['shop:pod:a 10.96.0.1:80>9090'],
    ],
    [
      'by several slices, one a family, twice the same',
      { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd00::1'], ports: [http] },
      {
        endpointslices: [
          slice('s', ['a', 'a'], 9090),
          { ...slice('s', ['a'], 9090), metadata: { ...slice('s', [], 1).metadata, name: 's-v6' } },
        ],
      },
      ['shop:pod:a 10.96.0.1:80>9090', 'shop:pod:a fd00::1:80>9090'],
    ],
    [
      'a number',
      { clusterIP: '10.96.0.1', ports: [{ port: 80, targetPort: 8081 }], selector },
      {},
      ['shop:pod:a 10.96.0.1:80>8081'],
    ],
    [
      'no target',
      { clusterIP: '10.96.0.1', ports: [{ port: 80 }], selector },
      {},
      ['shop:pod:a 10.96.0.1:80>80'],
    ],
    ['headless', { clusterIP: 'None', ports: [http], selector }, {}, []],
    ['ExternalName', { type: 'ExternalName', externalName: 'x.example.com' }, {}, []],
    [
      'nobody behind it',
      { clusterIP: '10.96.0.1', ports: [http], selector: { app: 'b' } },
      {},
      ['shop:service:s 10.96.0.1:80>80'],
    ],
    [
      'an empty selector is none',
      { clusterIP: '10.96.0.1', ports: [http], selector: {} },
      {},
      ['shop:service:s 10.96.0.1:80>80'],
    ],
    [
      'a workload at rest',
      { clusterIP: '10.96.0.1', ports: [http], selector: { app: 'idle' } },
      { deployments: [deployment('idle', 0)] },
      ['shop:deployment:idle 10.96.0.1:80>80'],
    ],
    [
      'somebody outside',
      { clusterIP: '10.96.0.1', ports: [http] },
      {
        endpointslices: [slice('s', [], 5432, { endpoints: [{ addresses: ['203.0.113.5'] }] })],
      },
      ['shop:service:s 10.96.0.1:80>5432'],
    ],
    [
      'slices without anything',
      { clusterIP: '10.96.0.1', ports: [http], selector },
      {
        endpointslices: [slice('s', [], 1, { endpoints: null, ports: null })],
      },
      ['shop:pod:a 10.96.0.1:80>8080'],
    ],
    [
      'every door',
      {
        ...{
          type: 'LoadBalancer',
          clusterIP: '10.96.0.1',
          externalIPs: ['198.51.100.7'],
          selector,
        },
        ports: [{ ...http, nodePort: 30080 }],
      },
      {},
      [
        'shop:pod:a 10.96.0.1:80>8080',
        'shop:pod:a 198.51.100.7:80>8080',
        'shop:pod:a node 0.0.0.0:30080>8080',
      ],
    ],
  ]
  for (const [what, spec, more, wanted] of table) {
    assert.deepEqual(led({ pods, nodes, services: [service('s', spec)], ...more }), wanted, what)
  }
})

test('a balancer’s address is virtual; one that is a node’s own is a port of that node', () => {
  const ingress = [{ ip: '203.0.113.9' }, { ip: '192.168.0.1' }, { hostname: 'lb.example.com' }]
  const spec = {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.1',
    ports: [http],
    selector: { app: 'a' },
  }
  const services = [service('s', spec, { loadBalancer: { ingress } })]
  const pods = [pod('a', { labels: { app: 'a' } })]
  assert.deepEqual(led({ pods, services, nodes: [node('n1', '192.168.0.1')] }), [
    'shop:pod:a 10.96.0.1:80>8080',
    'shop:pod:a 203.0.113.9:80>8080',
    'shop:pod:a node 192.168.0.1:80>8080',
  ])
})

test('a Service in front of several workloads stands for itself', () => {
  const pods = [pod('a', { labels: { app: 'a' } }), pod('b', { labels: { app: 'a' } })]
  const services = [service('s', { clusterIP: '10.96.0.1', ports: [http], selector: { app: 'a' } })]
  assert.deepEqual(led({ pods, services }), ['shop:service:s 10.96.0.1:80>8080'])
})

test('what a workload is meant to be, and what becomes of it', () => {
  const workload = (spec: object, status: object, metadata: object = {}): FakeObject => ({
    metadata: { name: 'w', namespace: 'shop', generation: 1, ...metadata },
    spec,
    status: { observedGeneration: 1, ...status },
  })
  const stuck = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }]
  const all = { replicas: 3, updatedReplicas: 3, readyReplicas: 3 }
  const table: [Kind, FakeObject, string][] = [
    ['deployments', workload({ replicas: 3 }, all), '3 undefined'],
    ['deployments', workload({ replicas: 3 }, { ...all, readyReplicas: 1 }), '3 1 of 3 ready'],
    [
      'deployments',
      workload({ replicas: 3 }, { ...all, updatedReplicas: 1 }),
      '3 rolling update, 1 of 3',
    ],
    ['deployments', workload({ replicas: 3 }, { ...all, replicas: 4 }), '3 rolling update, 3 of 3'],
    ['deployments', workload({ replicas: 3 }, all, { generation: 2 }), '3 rolling update, 3 of 3'],
    ['deployments', workload({ replicas: 1 }, all), '1 scaling down, 3 to 1'],
    [
      'deployments',
      workload({ replicas: 3, paused: true }, { ...all, updatedReplicas: 1 }),
      '3 rolling update, 1 of 3, paused',
    ],
    [
      'deployments',
      workload({ replicas: 3 }, { ...all, updatedReplicas: 1, conditions: stuck }),
      '3 stuck: rolling update, 1 of 3',
    ],
    ['deployments', workload({ replicas: 2 }, {}), '2 0 of 2 ready'],
    [
      'statefulsets',
      workload(
        { replicas: 3 },
        { ...all, currentRevision: 'a', updateRevision: 'b', updatedReplicas: 2 },
      ),
      '3 rolling update, 2 of 3',
    ],
    [
      'statefulsets',
      workload({ replicas: 3 }, { ...all, currentRevision: 'a', updateRevision: 'a' }),
      '3 undefined',
    ],
    [
      'statefulsets',
      workload({ replicas: 1 }, { ...all, currentRevision: 'a', updateRevision: 'a' }),
      '1 scaling down, 3 to 1',
    ],
    [
      'daemonsets',
      workload({}, { desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberReady: 3 }),
      '3 rolling update, 1 of 3',
    ],
    [
      'daemonsets',
      workload({}, { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 2 }),
      '3 2 of 3 ready',
    ],
    [
      'jobs',
      workload({ parallelism: 2, completions: 5 }, { succeeded: 4, failed: 1 }),
      '1 job, 4 of 5 done, 1 failed',
    ],
    ['jobs', workload({}, {}), '1 job, 0 of 1 done'],
  ]
  for (const [kind, object, wanted] of table) {
    const [group] = told({ [kind]: [object] }).values()
    assert.equal(`${group?.desired} ${group?.doing}`, wanted)
  }
  const over = { conditions: [{ type: 'Complete', status: 'True' }] }
  assert.equal(told({ jobs: [workload({}, over)] }).size, 0)
})

test('runs of one CronJob add up', () => {
  const run = (name: string): FakeObject => ({
    metadata: { name, namespace: 'shop', ownerReferences: ownedBy('CronJob', 'hello') },
    spec: { parallelism: 2, completions: 2 },
    status: {},
  })
  const [[id, group]] = told({ jobs: [run('hello-1'), run('hello-2')] })
  assert.equal(id, 'shop:cronjob:hello')
  assert.equal(group.desired, 4)
})

test('only changed namespaces are told again, and only what changed in them', () => {
  const roster = new Roster(() => {})
  const sink = roster.sink('pods')
  const read = (object: FakeObject) => resources.pods.read(object)!
  const other = pod('x', { metadata: { namespace: 'other' } })
  sink.replace([read(pod('a')), read(pod('b')), read(other)])
  assert.equal(roster.all().length, 3)
  assert.deepEqual(roster.changes(), [])
  sink.put(read(pod('a', { metadata: { annotations: { heartbeat: '7' } } })))
  assert.deepEqual(roster.changes(), [], 'what is not read is no change')
  sink.put(read(pod('a', { ip: '10.244.1.77' })))
  assert.deepEqual(
    roster.changes().map(group => group.service.name),
    ['a'],
  )
  sink.replace([read(pod('b')), read(other)])
  assert.deepEqual(
    roster.changes().map(group => [group.service.name, group.instances.length]),
    [['a', 0]],
  )
  sink.remove(read(other))
  assert.equal(roster.changes().length, 1)
})

test('objects in any shape are read without a fault, and tell nothing wrong', () => {
  const wrong = [null, 7, 'x', [], {}, { metadata: null }, { metadata: { name: 7 } }]
  for (const resource of Object.values(resources)) {
    for (const object of wrong) assert.equal(resource.read(object), undefined, resource.name)
    const spoiled = { metadata: { name: 'a', namespace: 'b', labels: 7, ownerReferences: 'x' } }
    for (const value of [null, 7, 'x', [], [null], { ports: [null, 7], podIPs: [{}] }]) {
      assert.ok(resource.read({ ...spoiled, spec: value, status: value, endpoints: value }))
    }
  }
})

test('names of any length and number are bounded', () => {
  const long = 'x'.repeat(100_000)
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, long]))
  const ports = Array.from({ length: 5000 }, (_, i) => ({ containerPort: i + 1, hostPort: i + 1 }))
  const group = one(pod(long, { labels, spec: { containers: [{ image: long, ports }] } }))
  assert.ok(JSON.stringify(group).length < 60_000)
})
