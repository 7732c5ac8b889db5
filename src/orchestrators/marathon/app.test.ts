import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Instance } from '#model/service.ts'
import { readApp } from './app.ts'
import { readDeployments, readQueue } from './deployment.ts'
import { changeOf } from './event.ts'
import { appOf } from './fake-marathon.ts'
import { Hosts } from './hosts.ts'
import { readPod } from './pod.ts'
import { Roster } from './roster.ts'
import { marathonService, pathOf, taskNameOf } from './service.ts'

const uuid = '8cad6a69-6ca8-11e7-beb2-0e2beceebfcc'

test('a task’s id tells its app or pod and how often it was started again, in all grammars', () => {
  const cases: [id: string, expected: string][] = [
    [`product_us-east_db.${uuid}`, '/product/us-east/db 0'],
    [`product_my.db.${uuid}`, '/product/my.db 0'],
    [`app.${uuid}.3`, '/app 2'],
    [`shop_pod.instance-${uuid}.web`, '/shop/pod 0'],
    [`shop_app.instance-${uuid}._app.1`, '/shop/app 0'],
    [`shop_app.marathon-${uuid}._app.4`, '/shop/app 3'],
    [`shop_pod.instance-${uuid}.web.2`, '/shop/pod 1'],
    ['node-0-server__1', 'none'],
    ['', 'none'],
    [`.${uuid}`, 'none'],
    [`a b.${uuid}`, 'none'],
    ['x'.repeat(100_000), 'none'],
  ]
  for (const [id, expected] of cases) {
    const found = taskNameOf(id)
    assert.equal(found ? `${found.path} ${found.restarts}` : 'none', expected, id)
  }
})

test('a path is told in one way, and one that is none not at all', () => {
  assert.equal(pathOf('//asgard-dev/bla/'), '/asgard-dev/bla')
  assert.equal(pathOf('app'), '/app')
  for (const wrong of ['', '/', '/../x', '/a/./b', '/a b', '/a\u0000', `/${'x'.repeat(600)}`]) {
    assert.equal(pathOf(wrong), undefined, wrong)
  }
  assert.deepEqual(marathonService('/services/autofill/production/app'), {
    id: 'marathon:/services/autofill/production/app',
    name: 'app',
    kind: 'marathon',
    group: ['services', 'autofill', 'production'],
  })
})

/** One task of an app: `10.0.0.9:31000>80/tcp 9.0.1.7@dcos`. */
function netOf(app: object, task: object): string {
  const roster = new Roster()
  const tasks = [{ id: 'a', host: '10.0.0.9', slaveId: 'S0', state: 'TASK_RUNNING', ...task }]
  roster.putApps([{ id: '/a', instances: 1, ...app, tasks }])
  const [{ instances }] = roster.groups(new Map())
  return lineOf(instances[0])
}

function lineOf({ published, addresses }: Instance): string {
  return [
    ...published.map(each => `${each.ip}:${each.port}>${each.targetPort}/${each.transport}`),
    ...addresses.map(({ ip, network }) => `${ip}@${network}`),
  ].join(' ')
}

const ips = (...list: string[]) => ({ ipAddresses: list.map(ipAddress => ({ ipAddress })) })

test('addresses and ports in every form of networking', () => {
  const docker = (network: string, portMappings: object[]) => ({
    container: { docker: { network, portMappings } },
  })
  const mapped = (mode: string, portMappings: object[], more: object = {}) => ({
    networks: [{ mode, ...more }],
    container: { portMappings },
  })
  const cases: [claim: string, app: object, task: object, expected: string][] = [
    [
      '0.13, host: ports without definitions are TCP and the task’s own',
      { ports: [10_000, 10_001], container: null },
      { ports: [31_000, 31_001], state: undefined, startedAt: '2026-01-01T00:00:00Z' },
      '10.0.0.9:31000>31000/tcp 10.0.0.9:31001>31001/tcp',
    ],
    [
      '1.1, host: definitions tell the transport',
      { portDefinitions: [{ port: 53, protocol: 'udp,tcp' }, { port: 80 }] },
      { ports: [31_000, 31_001], ...ips('10.0.0.9') },
      '10.0.0.9:31000>31000/udp 10.0.0.9:31000>31000/tcp 10.0.0.9:31001>31001/tcp',
    ],
    [
      'up to 1.4, bridge: every mapping takes a port, a container port 0 is the same; its address is no one’s own',
      docker('BRIDGE', [
        { containerPort: 80 },
        { containerPort: 0 },
        { containerPort: 161, protocol: 'udp' },
      ]),
      { ports: [31_000, 31_001, 31_002], ...ips('172.17.0.2') },
      '10.0.0.9:31000>80/tcp 10.0.0.9:31001>31001/tcp 10.0.0.9:31002>161/udp',
    ],
    [
      '1.5, bridge',
      mapped('container/bridge', [{ containerPort: 80, hostPort: 0 }]),
      { ports: [31_000], ...ips('172.17.0.2') },
      '10.0.0.9:31000>80/tcp',
    ],
    [
      'up to 1.4, Docker on a network of its own: only mappings that ask for a port take one',
      {
        ...docker('USER', [{ containerPort: 80 }, { containerPort: 443, hostPort: 0 }]),
        ipAddress: { networkName: 'weave' },
      },
      { ports: [31_000], ...ips('10.32.0.5') },
      '10.0.0.9:31000>443/tcp 10.32.0.5@weave',
    ],
    [
      'up to 1.4, an address for each task, without a name',
      { ipAddress: { groups: ['dev'] }, container: null },
      ips('192.168.85.65'),
      '192.168.85.65@default',
    ],
    [
      '1.5, several networks: one address each, in order',
      {
        networks: [
          { mode: 'container', name: 'a' },
          { mode: 'container', name: 'b' },
        ],
      },
      ips('9.0.1.7', '9.0.2.7'),
      '9.0.1.7@a 9.0.2.7@b',
    ],
    [
      'one network with two families',
      mapped('container', [], { name: 'dcos6' }),
      ips('9.0.1.7', 'FD01:B::0001:8000:2'),
      '9.0.1.7@dcos6 fd01:b::1:8000:2@dcos6',
    ],
    [
      'the later form counts where an upgraded Marathon shows both',
      { ...docker('BRIDGE', []), ...mapped('host', [{ containerPort: 80 }]) },
      { ports: [31_000] },
      '10.0.0.9:31000>31000/tcp',
    ],
    ['no network', docker('NONE', [{ containerPort: 80 }]), { ports: [31_000] }, ''],
    [
      'more ports than mappings, and garbage among them',
      mapped('container/bridge', [{ containerPort: 80 }]),
      { ports: [31_000, 31_001, null, -1, 'x'] },
      '10.0.0.9:31000>80/tcp',
    ],
    [
      'an address that is the agent’s is not the task’s: agents add it to what has none',
      mapped('container', [], { name: 'dcos' }),
      ips('10.0.0.9'),
      '',
    ],
  ]
  for (const [claim, app, task, expected] of cases) assert.equal(netOf(app, task), expected, claim)
})

test('an agent known by name has the address that its tasks tell, else the name server’s, else its name', () => {
  const roster = new Roster()
  const bridged = (host: string, slaveId: string) => ({
    ...{ id: `b.${slaveId}`, host, slaveId, state: 'TASK_RUNNING', ports: [31_000] },
  })
  const hosted = {
    ...{ id: 'h', host: 'a1', slaveId: 'S1', state: 'TASK_RUNNING' },
    ...ips('10.0.0.1'),
  }
  const tasks = [bridged('a1', 'S1'), bridged('a2', 'S2'), bridged('a3', 'S3')]
  const networks = [{ mode: 'container/bridge' }]
  const container = { portMappings: [{ containerPort: 80 }] }
  roster.putApps([
    { id: '/b', networks, container, tasks },
    { id: '/h', tasks: [hosted] },
  ])
  assert.deepEqual(roster.unaddressed(), ['a2', 'a3'])
  const [{ instances }] = roster.groups(new Map([['a2', '10.0.0.2']]))
  assert.deepEqual(
    instances.map(instance => `${instance.node} ${lineOf(instance)}`),
    ['a1 10.0.0.1:31000>80/tcp', 'a2 10.0.0.2:31000>80/tcp', 'a3 0.0.0.0:31000>80/tcp'],
  )
})

test('an address that tasks on two agents claim is nobody’s', () => {
  const roster = new Roster()
  const app = appOf('/a', 3)
  const tasks = app.tasks as { ipAddresses: { ipAddress: string }[] }[]
  tasks[1].ipAddresses[0].ipAddress = tasks[0].ipAddresses[0].ipAddress
  roster.putApps([app])
  const [{ instances }] = roster.groups(new Map())
  assert.deepEqual(instances.map(lineOf), ['', '', '9.0.1.3@dcos'])
})

test('every state of Mesos is one of ours; what is over is not told, what cannot be asked is as it was', () => {
  const roster = new Roster()
  const told = (state: string) => {
    const app = appOf('/a', 1)
    Object.assign((app.tasks as object[])[0], { state })
    roster.putApps([app])
    const [instance] = roster.groups(new Map())[0].instances
    return instance ? `${instance.state} ${lineOf(instance)}` : 'over'
  }
  for (const state of ['TASK_STAGING', 'TASK_STARTING'])
    assert.equal(told(state).split(' ')[0], 'starting')
  for (const state of ['TASK_RUNNING', 'TASK_KILLING'])
    assert.equal(told(state), 'running 9.0.1.1@dcos')
  const final = [
    'FINISHED',
    'FAILED',
    'KILLED',
    'ERROR',
    'LOST',
    'DROPPED',
    'GONE',
    'GONE_BY_OPERATOR',
  ]
  for (const state of final) assert.equal(told(`TASK_${state}`), 'over', state)
  told('TASK_RUNNING')
  const bare = { id: (appOf('/a', 1).tasks as { id: string }[])[0].id, state: 'TASK_UNREACHABLE' }
  roster.putApps([{ ...appOf('/a', 1), tasks: [bare] }])
  const [instance] = roster.groups(new Map())[0].instances
  assert.equal(
    `${instance.state} ${lineOf(instance)} ${instance.node}`,
    'unreachable 9.0.1.1@dcos 10.0.0.1',
  )
  assert.equal(told('TASK_NEW_IN_2_0').split(' ')[0], 'unreachable')
})

test('health is what all checks say; none yet says nothing', () => {
  const health = (...alive: boolean[]) => {
    const app = appOf('/a', 1)
    const healthCheckResults = alive.map(each => ({ alive: each }))
    Object.assign((app.tasks as object[])[0], { healthCheckResults })
    return readApp(app)?.tasks[0].health
  }
  assert.deepEqual(
    [health(), health(true), health(true, false), health(false)],
    ['unknown', 'healthy', 'unhealthy', 'unhealthy'],
  )
})

test('a pod’s containers are tasks with its addresses, their own ports and health', () => {
  const roster = new Roster()
  const container = (name: string, endpoint: object) => ({
    name,
    status: 'TASK_RUNNING',
    containerId: `shop_pod.instance-${uuid}.${name}`,
    endpoints: [endpoint],
  })
  roster.putPods([
    {
      id: '/shop/pod',
      spec: {
        networks: [{ mode: 'container', name: 'dcos' }],
        scaling: { kind: 'fixed', instances: 2 },
        containers: [
          {
            name: 'web',
            image: { id: 'nginx' },
            endpoints: [{ name: 'http', containerPort: 80, protocol: ['tcp'] }],
          },
          { name: 'side', endpoints: [{ name: 'dns', containerPort: 53, protocol: ['udp'] }] },
        ],
      },
      instances: [
        {
          id: 'i',
          agentHostname: '10.0.0.9',
          networks: [{ name: 'dcos', addresses: ['9.0.1.7'] }],
          containers: [
            container('web', { name: 'http', allocatedHostPort: 31_000, healthy: true }),
            container('side', { name: 'dns', allocatedHostPort: 31_001, healthy: false }),
            { name: 'not launched yet' },
          ],
        },
      ],
    },
  ])
  const [{ service, desired, instances }] = roster.groups(new Map())
  assert.deepEqual([service.id, desired], ['marathon:/shop/pod', 4])
  const lines = instances.map(each => `${each.task} ${each.health} ${lineOf(each)}`)
  assert.deepEqual(lines, [
    `shop_pod.instance-${uuid}.side unhealthy 10.0.0.9:31001>53/udp 9.0.1.7@dcos`,
    `shop_pod.instance-${uuid}.web healthy 10.0.0.9:31000>80/tcp 9.0.1.7@dcos`,
  ])
})

test('what is done with an app is told with how far it is', () => {
  const roster = new Roster()
  const app = appOf('/a', 3, { version: 'new' })
  Object.assign((app.tasks as object[])[0], { version: 'new' })
  roster.putApps([app, appOf('/b', 2, { instances: 5 }), appOf('/c', 1, { instances: 2 })])
  const action = (name: string, path: string) => ({ action: name, app: path })
  const deployments = readDeployments([
    { affectedApps: ['/a', '/c'], currentActions: [action('RestartApplication', '/a')] },
    { affectedApps: ['/b'], currentActions: [{ type: 'ScaleApplication', app: '/b' }] },
    null,
    { affectedApps: 'x', currentActions: [{}, null] },
  ])
  const queue = readQueue({
    queue: [
      { app: { id: '/b' }, count: 3, delay: { overdue: true } },
      { app: { id: '/d' }, count: 1, delay: { overdue: false } },
    ],
  })
  roster.putDoings(deployments, queue)
  const doing = roster.groups(new Map()).map(group => group.doing)
  assert.deepEqual(doing, [
    'rolling update, 1 of 3',
    'scaling, 2 of 5; waiting for resources',
    'waiting in a deployment, 1 of 2',
  ])
  assert.equal(queue.get('/d'), 'backing off after failures')
})

test('labels that smell of secrets are left out; of environments only names are told', () => {
  const app = appOf('/a', 1, {
    labels: { OWNER: 'zeus', API_TOKEN: 'hunter2', n: 1 },
    env: { PASSWORD: 'hunter2', KEY: { secret: 'hunter2' } },
    secrets: { s: { source: 'hunter2' } },
  })
  const roster = new Roster()
  roster.putApps([app])
  const groups = roster.groups(new Map())
  assert.deepEqual(groups[0].instances[0].labels, { OWNER: 'zeus' })
  assert.deepEqual(groups[0].instances[0].environment, ['KEY', 'PASSWORD'])
  assert.equal(JSON.stringify(groups).includes('hunter2'), false)
})

test('an answer with anything missing, null, huge or of another type is still read', () => {
  const strange = [
    null,
    undefined,
    0,
    -1,
    'x'.repeat(100_000),
    [],
    {},
    [null],
    [[[]]],
    { id: 1 },
    true,
  ]
  const app = { ...appOf('/a', 1), deployments: [], ipAddress: {}, labels: {} }
  const task = (appOf('/a', 1).tasks as Record<string, unknown>[])[0]
  for (const value of strange) {
    for (const key of Object.keys(app)) {
      const roster = new Roster()
      roster.putApps([{ ...app, [key]: value }])
      assert.doesNotThrow(() => JSON.stringify(roster.groups(new Map())), key)
    }
    for (const key of Object.keys(task)) {
      const roster = new Roster()
      roster.putApps([{ ...app, tasks: [{ ...task, [key]: value }] }])
      const text = JSON.stringify(roster.groups(new Map()))
      assert.ok(text.length < 10_000, `${key} is bounded`)
    }
    assert.doesNotThrow(() => [
      readApp(value),
      readPod(value),
      readDeployments(value),
      readQueue(value),
    ])
    const data = JSON.stringify(value) ?? ''
    assert.doesNotThrow(() => changeOf({ type: 'x', data, isCut: false }))
  }
})

test('names of agents are asked for once, and who does not answer keeps nobody waiting', async () => {
  let nowMs = 0
  const asked: string[] = []
  const lookup = (name: string) => {
    asked.push(name)
    if (name === 'none') return Promise.reject(new Error('ENOTFOUND'))
    if (name === 'slow') return new Promise<string>(() => {})
    return Promise.resolve(name === 'self' ? '127.0.1.1' : '10.0.0.2')
  }
  const hosts = new Hosts(lookup, () => nowMs)
  assert.deepEqual([...(await hosts.resolve(['a2', 'none', 'self']))], [['a2', '10.0.0.2']])
  await hosts.resolve(['a2', 'none', 'self'])
  assert.deepEqual(asked.sort(), ['a2', 'none', 'self'])
  nowMs = 11 * 60_000
  const startMs = performance.now()
  assert.deepEqual([...(await hosts.resolve(['slow', 'a2']))], [['a2', '10.0.0.2']])
  assert.ok(performance.now() - startMs < 4_000)
  await hosts.resolve(['slow', 'a2'])
  assert.ok(performance.now() - startMs < 4_000, 'waited for once')
  assert.equal(asked.length, 5)
})
