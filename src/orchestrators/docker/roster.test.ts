import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerOf, recorded } from './fake-engine.ts'
import { instanceOf, unseen } from './instance.ts'
import { Roster } from './roster.ts'
import { nameOf, serviceOf } from './service.ts'
import { type Inspected, readContainer } from './shape.ts'

function read(answer: unknown): Inspected {
  const container = readContainer(answer)
  assert.ok(container)
  return container
}

function labelled(name: string, labels: Record<string, string>): Inspected {
  return read(containerOf('a', name, { Config: { Image: 'app', Labels: labels } }))
}

function shares(digit: string, name: string, mode: string): Inspected {
  return read(
    containerOf(digit, name, {
      HostConfig: { NetworkMode: mode },
      NetworkSettings: { Networks: {} },
    }),
  )
}

test('labels tell the service', () => {
  const compose = 'com.docker.compose'
  const cases: readonly (readonly [string, Record<string, string>, string])[] = [
    ['web', {}, 'container:web container web []'],
    [
      'shop-vote-1',
      { [`${compose}.project`]: 'shop', [`${compose}.service`]: 'vote' },
      'compose:shop:vote compose vote [shop]',
    ],
    [
      'shop_vote_run_1',
      {
        [`${compose}.project`]: 'shop',
        [`${compose}.service`]: 'vote',
        [`${compose}.oneoff`]: 'True',
      },
      'container:shop_vote_run_1 container shop_vote_run_1 [shop]',
    ],
    ['x', { [`${compose}.project`]: 'shop' }, 'container:x container x []'],
    [
      'mon_agent.1.abc',
      { 'com.docker.swarm.service.name': 'mon_agent', 'com.docker.stack.namespace': 'mon' },
      'swarm:mon_agent swarm agent [mon]',
    ],
    ['solo.1.abc', { 'com.docker.swarm.service.name': 'solo' }, 'swarm:solo swarm solo []'],
    [
      'k8s_app_db-0_ns_uid_0',
      { 'io.kubernetes.pod.namespace': 'ns', 'io.kubernetes.pod.name': 'db-0' },
      'kubernetes:ns:pod:db-0 kubernetes db-0 [ns]',
    ],
    [
      'k8s_app_vote-a-7fb78fb6d8-2w75j_ns_uid_0',
      { 'io.kubernetes.pod.namespace': 'ns', 'io.kubernetes.pod.name': 'vote-a-7fb78fb6d8-2w75j' },
      'kubernetes:ns:deployment:vote-a kubernetes vote-a [ns]',
    ],
    [
      'k8s_app_hello-1567197780-mn4mv_ns_uid_0',
      { 'io.kubernetes.pod.namespace': 'ns', 'io.kubernetes.pod.name': 'hello-1567197780-mn4mv' },
      'kubernetes:ns:pod:hello-1567197780-mn4mv kubernetes hello-1567197780-mn4mv [ns]',
    ],
  ]
  for (const [name, labels, expected] of cases) {
    const { id, kind, name: serviceName, group } = serviceOf(labelled(name, labels))
    assert.equal(`${id} ${kind} ${serviceName} [${group}]`, expected)
  }
})

const taskUuid = '8cad6a69-6ca8-11e7-beb2-0e2beceebfcc'

/** A container that Mesos launched, with secrets beside what tells its task. */
function launched(name: string, env: Record<string, string>, Labels: Record<string, string> = {}) {
  const secrets = { PASSWORD: 'hunter2', MESOS_TASK_ID_X: 'hunter2', XMARATHON_APP_ID: 'hunter2' }
  const Env = Object.entries({ ...secrets, ...env }).map(([key, value]) => `${key}=${value}`)
  return read(containerOf('a', name, { Config: { Image: 'app', Labels, Env } }))
}

test('a container that Mesos launched is called as Mesos calls it, in every release', () => {
  const agent = '8ad5a85c-c14b-4cca-a089-b9dc006e7286-S0'
  const cases: [name: string, expected: readonly string[] | undefined][] = [
    [`mesos-${taskUuid}`, [`mesos:${taskUuid}`]],
    [`mesos-${agent}.${taskUuid}`, [`mesos:${taskUuid}`]],
    [`mesos-${taskUuid}.executor`, undefined],
    [`mesos-${agent}.${taskUuid}.executor`, undefined],
    ['mesos-agent', undefined],
    [`x-mesos-${taskUuid}`, undefined],
    [`mesos-${taskUuid}-x`, undefined],
  ]
  for (const [name, expected] of cases) {
    assert.deepEqual(instanceOf(launched(name, {}), unseen, cuts()).containers, expected, name)
  }
})

test('a container that Mesos launched is of its Marathon app, in every release of both', () => {
  const app = { MARATHON_APP_ID: '/shop/vote', MARATHON_APP_VERSION: '2026-01-01T00:00:00.000Z' }
  const agent = '8ad5a85c-c14b-4cca-a089-b9dc006e7286-S0'
  const cases: [claim: string, container: Inspected, service: string, task: string | undefined][] =
    [
      [
        'Mesos 0.23 to 1.3, Marathon before 1.4: no label',
        launched(`mesos-${agent}.${taskUuid}`, { ...app, MESOS_TASK_ID: `shop_vote.${taskUuid}` }),
        'marathon:/shop/vote marathon vote [shop]',
        `shop_vote.${taskUuid}`,
      ],
      [
        'Marathon 1.8: the label is believed before the environment, which the app may set',
        launched(
          `mesos-${taskUuid}`,
          { MARATHON_APP_ID: '/forged', MESOS_TASK_ID: 'forged' },
          { MESOS_TASK_ID: `services_autofill_app.instance-${taskUuid}._app.3` },
        ),
        'marathon:/services/autofill/app marathon app [services,autofill]',
        `services_autofill_app.instance-${taskUuid}._app.3`,
      ],
      [
        'a task id in nobody’s grammar: the environment it is',
        launched('mesos-x', { ...app, MESOS_TASK_ID: 'shop-vote_0-1396592784349' }),
        'marathon:/shop/vote marathon vote [shop]',
        'shop-vote_0-1396592784349',
      ],
      [
        'another framework’s task is itself, its task known',
        launched(`mesos-${taskUuid}`, { MESOS_TASK_ID: 'node-0-server__1' }),
        `container:mesos-${taskUuid} container mesos-${taskUuid} []`,
        'node-0-server__1',
      ],
      [
        'the executor beside the task is not the task',
        launched(`mesos-${taskUuid}.executor`, { ...app, MESOS_TASK_ID: `shop_vote.${taskUuid}` }),
        `container:mesos-${taskUuid}.executor container mesos-${taskUuid}.executor []`,
        undefined,
      ],
      [
        'who only has the name of an app in its environment is no task',
        launched('test', app),
        'container:test container test []',
        undefined,
      ],
    ]
  for (const [claim, container, expected, task] of cases) {
    const { id, kind, name, group } = serviceOf(container)
    assert.equal(`${id} ${kind} ${name} [${group}]`, expected, claim)
    assert.equal(instanceOf(container, unseen, cuts()).task, task, claim)
    assert.equal(JSON.stringify(container).includes('hunter2'), false, 'no secret is even read')
  }
})

test('of an environment only the names are told, in order; a line without a name is none', () => {
  const Env = ['Z=hunter2', 'PATH=/bin', 'A=hunter2=b', 'hunter2', '=hunter2', 7, null]
  Env.push(...['LINES=hunter2\nX=hunter2', 'PATH=again', `${'hunter2'.repeat(99)}=1`])
  const container = read(containerOf('a', 'web', { Config: { Image: 'web', Env } }))
  const roster = new Roster()
  roster.put(container, unseen)
  const [{ instances }] = roster.all()
  assert.deepEqual(instances[0].environment, ['A', 'LINES', 'PATH', 'Z'])
  assert.equal(JSON.stringify([container, instances]).includes('hunter2'), false)
  const many = Array.from({ length: 1000 }, (_, i) => `N${i}=hunter2`)
  const wide = read(containerOf('b', 'wide', { Config: { Image: 'web', Env: many } }))
  assert.equal(instanceOf(wide, unseen, cuts()).environment?.length, 128)
  const bare = read(containerOf('c', 'bare', { Config: { Image: 'web' } }))
  assert.equal('environment' in instanceOf(bare, unseen, cuts()), false)
})

test('the tasks of Swarm and the pods of Kubernetes are known', () => {
  const taskOf = (labels: Record<string, string>) =>
    instanceOf(labelled('x', labels), unseen, cuts()).task
  assert.equal(taskOf({ 'com.docker.swarm.task.id': 'tq5j' }), 'tq5j')
  assert.equal(taskOf({ 'io.kubernetes.pod.uid': 'b1c2' }), 'b1c2')
  assert.equal(taskOf({}), undefined)
})

const cuts = () => ({ labels: 0, addresses: 0, published: 0, mounts: 0 })

test('names are bounded, and a container without one has its id', () => {
  assert.equal(nameOf(labelled('x'.repeat(1000), {})).length, 128)
  assert.equal(nameOf(labelled('', {})), 'a'.repeat(12))
})

test('an instance of engine 20.10 is told in full, without secrets', () => {
  const roster = new Roster()
  for (const answer of recorded('inspect') as unknown[]) {
    roster.put(read(answer), { namespace: '4026532000', addresses: [] })
  }
  const groups = roster.all()
  const vote = groups.find(group => group.service.id === 'compose:shop:vote')!
  const [first] = vote.instances
  assert.deepEqual(
    first.addresses.map(({ ip, networkName }) => `${ip} ${networkName}`),
    ['10.213.7.2 n1'],
  )
  assert.deepEqual(
    first.published
      .map(({ ip, port, targetPort, transport }) => `${ip} ${port} ${targetPort} ${transport}`)
      .sort(),
    ['0.0.0.0 18080 80 tcp', '127.0.0.1 18053 53 udp', ':: 18080 80 tcp'],
  )
  assert.deepEqual(first.mounts, [
    { source: 'shopdata', target: '/data', writable: true },
    { source: '/tmp', target: '/host', writable: false },
  ])
  assert.equal(first.health, 'healthy')
  assert.equal(first.image, 'shop/vote:1.2')
  assert.ok(first.sinceMs > Date.parse('2026-01-01'))
  assert.equal(JSON.stringify(groups).includes('hunter2'), false)
  const states = groups.map(({ instances }) => `${instances[0].name} ${instances[0].state}`).sort()
  assert.deepEqual(states, [
    'edge running',
    'lonely paused',
    'loop restarting',
    'shop_vote_1 running',
    'shop_vote_run_1 running',
    'sidecar running',
  ])
})

test('the task that a container runs is told by its labels', () => {
  const roster = new Roster()
  const swarm = { 'com.docker.swarm.service.name': 'web', 'com.docker.swarm.task.id': 'q8x' }
  const labels = { b: swarm, c: { MESOS_TASK_ID: 'app.1' }, d: {} }
  for (const [digit, Labels] of Object.entries(labels)) {
    roster.put(read(containerOf(digit, digit, { Config: { Labels } })), unseen)
  }
  const tasks = roster.all().flatMap(({ instances }) => instances.map(({ task }) => task))
  assert.deepEqual(tasks.sort(), ['app.1', 'q8x', undefined])
})

test('a container in another one’s network has its addresses and namespace, by id, short id or name', () => {
  const roster = new Roster()
  roster.put(read(containerOf('a', 'pause')), { namespace: '42', addresses: [] })
  roster.put(shares('b', 'byid', `container:${'a'.repeat(64)}`), unseen)
  roster.put(shares('c', 'byname', 'container:pause'), unseen)
  roster.put(shares('d', 'twice', `container:${'b'.repeat(12)}`), unseen)
  roster.put(shares('e', 'lost', 'container:nobody'), unseen)
  roster.put(shares('f', 'circle', `container:${'f'.repeat(64)}`), unseen)
  const seen = roster.all().map(({ instances: [{ name, namespace, addresses }] }) => {
    return `${name} ${namespace} ${addresses.map(address => address.ip)}`
  })
  assert.deepEqual(seen.sort(), [
    'byid 42 10.9.0.2',
    'byname 42 10.9.0.2',
    'circle undefined ',
    'lost undefined ',
    'pause 42 10.9.0.2',
    'twice 42 10.9.0.2',
  ])
})

test('the sandbox of a pod gives its addresses but is no service', () => {
  const roster = new Roster()
  const labels = {
    'io.kubernetes.container.name': 'POD',
    'io.kubernetes.docker.type': 'podsandbox',
  }
  roster.put(read(containerOf('a', 'k8s_POD', { Config: { Labels: labels } })), {
    namespace: '42',
    addresses: [],
  })
  roster.put(shares('b', 'app', `container:${'a'.repeat(64)}`), unseen)
  const [group, ...rest] = roster.all()
  assert.equal(rest.length, 0)
  assert.deepEqual(
    group.instances.map(({ addresses }) => addresses[0].ip),
    ['10.9.0.2'],
  )
})

test('only what differs from what was told is a change, and gone is told once', () => {
  const roster = new Roster()
  const web = containerOf('a', 'web')
  roster.put(read(web), unseen)
  assert.equal(roster.all().length, 1)
  roster.put(read(web), unseen)
  assert.deepEqual(roster.changes(), [])
  roster.put(read({ ...web, RestartCount: 1 }), unseen)
  assert.deepEqual(
    roster.changes().map(({ instances }) => instances[0].restarts),
    [1],
  )
  roster.put(read({ ...web, State: { Running: false, Pid: 0 } }), unseen)
  assert.deepEqual(
    roster.changes().map(({ instances }) => instances.length),
    [0],
  )
  assert.deepEqual(roster.changes(), [])
})

test('a rename moves an instance from one service to the other', () => {
  const roster = new Roster()
  roster.put(read(containerOf('a', 'old')), unseen)
  roster.all()
  roster.put(read(containerOf('a', 'new')), unseen)
  const lines = roster
    .changes()
    .map(({ service, instances }) => `${service.id} ${instances.length}`)
  assert.deepEqual(lines, ['container:new 1', 'container:old 0'])
})

test('labels, ports, addresses and containers have limits that are counted', () => {
  const roster = new Roster()
  const many = (count: number, entry: (i: number) => [string, unknown]) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => entry(i)))
  const labels = {
    'com.docker.compose.project': 'p',
    ...many(100, i => [`a${i}`, 'x'.repeat(9999)]),
  }
  const Ports = many(600, i => [`${i + 1}/tcp`, [{ HostIp: '', HostPort: String(i + 1) }]])
  const Networks = many(100, i => [`n${i}`, { NetworkID: `id${i}`, IPAddress: `10.0.0.${i + 1}` }])
  roster.put(
    read(
      containerOf('a', 'web', { Config: { Labels: labels }, NetworkSettings: { Ports, Networks } }),
    ),
    unseen,
  )
  const [{ instances }] = roster.all()
  const [{ labels: told, published, addresses }] = instances
  assert.deepEqual([Object.keys(told).length, published.length, addresses.length], [32, 512, 64])
  assert.equal(told['com.docker.compose.project'], 'p')
  assert.equal(told.a0.length, 256)
  assert.equal(published[0].ip, '0.0.0.0')
  for (let i = 1; i < 5000; i++) {
    roster.put(read({ ...containerOf('0', `c${i}`), Id: i.toString(16).padStart(64, '0') }), unseen)
  }
  assert.equal(roster.all().length, 4096)
  const {
    labels: cutLabels,
    published: cutPublished,
    addresses: cutAddresses,
    containers,
  } = roster.cuts
  assert.deepEqual([cutLabels, cutPublished, cutAddresses, containers], [69, 88, 36, 904])
})

test('an answer with anything missing, null or of another type is still read', () => {
  const whole = (recorded('inspect') as Record<string, unknown>[])[0]
  const strange = [null, undefined, 0, 'x', [], {}, [null], { Networks: null }, { Labels: [1] }]
  for (const key of Object.keys(whole).filter(name => name !== 'Id')) {
    for (const value of strange) {
      const roster = new Roster()
      roster.put(read({ ...whole, [key]: value }), unseen)
      assert.doesNotThrow(() => roster.all(), `${key} = ${JSON.stringify(value)}`)
    }
  }
  assert.equal(readContainer({ Id: 'no id' }), undefined)
  assert.equal(readContainer(null), undefined)
})
