import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recorded } from '../docker/fake-engine.ts'
import { readNetworks } from '../docker/shape.ts'
import { recordedSwarm } from './fake-swarm.ts'
import { groupOf } from './group.ts'
import { instanceOf } from './instance.ts'
import { type Machine, machinesOf } from './node.ts'
import { readNodes, readServices, readTasks } from './shape.ts'

const cuts = () => ({ labels: 0, addresses: 0, ports: 0, tasks: 0, services: 0 })
const none = { machines: new Map<string, Machine>(), networks: new Map(), ingress: undefined }

/** A service from the words of an engine. */
function service(more: object = {}, spec: object = {}) {
  const Spec = { Name: 'web', Mode: { Replicated: { Replicas: 3 } }, ...spec }
  return readServices([{ ID: 's', Spec, ...more }])[0]
}

/** A task in a state and a desired one, `running/shutdown`. */
function task(id: string, states: string, more: object = {}) {
  const [State, DesiredState] = states.split('/')
  const NetworksAttachments = [
    { Network: { ID: 'ov', Spec: { Name: 'shop' } }, Addresses: ['10.0.1.7/24', 'FD00::0007/64'] },
  ]
  const Status = { State, Timestamp: '2026-01-01T00:00:05Z' }
  return readTasks([
    { ID: id, DesiredState, Status, NetworksAttachments, NodeID: 'n1', ...more },
  ])[0]
}

test('a swarm of an engine 20.10 becomes groups', () => {
  const networks = readNetworks((recorded('swarm-networks') as { list: unknown[] }).list)
  const tasks = readTasks(recordedSwarm('tasks'))
  const around = {
    machines: machinesOf(readNodes(recordedSwarm('nodes'))),
    networks: new Map(networks.map(({ Id, Name }) => [Id, Name])),
    ingress: networks.find(({ Ingress }) => Ingress)?.Id,
    cuts: cuts(),
  }
  const lines = readServices(recordedSwarm('services')).map(each => {
    const group = groupOf(
      each,
      tasks.filter(({ ServiceID }) => ServiceID === each.ID),
      around,
    )
    const virtual = (group.virtual ?? []).map(({ ip, networkName, ports }) =>
      [
        ip,
        networkName,
        ...(ports ?? []).map(({ port, targetPort }) => `${port}>${targetPort}`),
      ].join(' '),
    )
    const instances = group.instances.map(({ name, state, addresses, published }) =>
      [name, state, ...addresses.map(({ ip }) => ip), ...published.map(({ port }) => port)].join(
        ' ',
      ),
    )
    return [group.service.id, group.desired, group.doing, virtual, instances]
  })
  const host = 'ink14fefa'
  assert.deepEqual(lines, [
    ['swarm:glob', 1, undefined, [], [`glob.${host} running`]],
    ['swarm:db', 1, undefined, [], ['db.1 running 10.0.1.5 5555']],
    ['swarm:job', 0, undefined, [], []],
    [
      'swarm:shop_web',
      3,
      undefined,
      ['10.0.0.3 ingress 8080>80', '10.0.1.2 shopnet'],
      [
        'shop_web.1 running 10.0.0.6 10.0.1.7',
        'shop_web.2 running 10.0.0.8 10.0.1.9',
        'shop_web.3 running 10.0.0.7 10.0.1.8',
      ],
    ],
    ['swarm:hostd', 1, undefined, [], [`hostd.${host} running`]],
  ])
})

test('of a task’s environment only names are told', () => {
  const ContainerSpec = { Image: 'x', Env: ['B=hunter2', 'A=hunter2', 'hunter2', 7] }
  const [task] = readTasks([{ ID: 't', Spec: { ContainerSpec } }])
  const [each] = readServices([{ ID: 's', Spec: { Name: 'web' } }])
  const instance = instanceOf(task, each, undefined, cuts())
  assert.deepEqual(instance.environment, ['A', 'B'])
  assert.equal(JSON.stringify([task, instance]).includes('hunter2'), false)
})

test('a task holds its addresses while its container is there, and is told while it is alive', () => {
  const cases: [states: string, told: string][] = [
    ['new/running', 'starting '],
    ['pending/running', 'starting '],
    ['preparing/ready', 'starting '],
    ['preparing/shutdown', 'not told'],
    ['starting/running', 'starting 10.0.1.7 fd00::7'],
    ['running/running', 'running 10.0.1.7 fd00::7'],
    ['running/complete', 'running 10.0.1.7 fd00::7'],
    ['running/shutdown', 'running 10.0.1.7 fd00::7'],
    ['complete/complete', 'not told'],
    ['shutdown/shutdown', 'not told'],
    ['failed/running', 'not told'],
    ['rejected/ready', 'not told'],
    ['orphaned/remove', 'not told'],
    ['dreaming/running', 'not told'],
  ]
  for (const [states, told] of cases) {
    const [instance] = groupOf(service(), [task('t', states)], { ...none, cuts: cuts() }).instances
    const text = instance && `${instance.state} ${instance.addresses.map(({ ip }) => ip).join(' ')}`
    assert.equal(text ?? 'not told', told, states)
  }
})

test('a task knows its machine by name, by address where names are shared, and whether it is away', () => {
  const node = (ID: string, Hostname: string, Addr: string, State = 'ready', more = {}) => ({
    ...{ ID, Description: { Hostname }, Status: { State, Addr }, ...more },
  })
  const machines = machinesOf(
    readNodes([
      node('n1', 'alpha', '10.0.0.5'),
      node('n2', 'twin', '10.0.0.6'),
      node('n3', 'twin', '0.0.0.0', 'ready', { ManagerStatus: { Addr: '10.0.0.7:2377' } }),
      node('n4', 'gone', '10.0.0.8', 'down'),
      node('n5', 'alone', '127.0.0.1', 'ready', { ManagerStatus: { Addr: '[fd00::5]:2377' } }),
      node('n6', '', ''),
    ]),
  )
  const ports = [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 5555, PublishMode: 'host' }]
  const Status = { State: 'running', PortStatus: { Ports: [...ports, ...ports] } }
  const tasks = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', ''].map(NodeID =>
    task(`t-${NodeID}`, 'running/running', { NodeID, Status, Slot: 0 }),
  )
  const { instances } = groupOf(service(), tasks, { ...none, machines, cuts: cuts() })
  const lines = instances.map(({ name, node, state, published }) =>
    [name, node, state, ...published.map(({ ip }) => ip)].join(' '),
  )
  assert.deepEqual(lines, [
    'web.10.0.0.6 10.0.0.6 running 0.0.0.0 10.0.0.6',
    'web.10.0.0.7 10.0.0.7 running 0.0.0.0 10.0.0.7',
    'web.?  running 0.0.0.0',
    'web.alone alone running 0.0.0.0 fd00::5',
    'web.alpha alpha running 0.0.0.0 10.0.0.5',
    'web.gone gone unreachable 0.0.0.0 10.0.0.8',
    'web.n6 n6 running 0.0.0.0',
    'web.n7 n7 running 0.0.0.0',
  ])
})

test('health is told where there is a check: a task runs only once it passed', () => {
  const specOf = (Test?: unknown) => ({ ContainerSpec: { Healthcheck: { Test } } })
  const cases: [states: string, check: unknown, health: string][] = [
    ['running/running', ['CMD', 'true'], 'healthy'],
    ['starting/running', ['CMD-SHELL', 'true'], 'starting'],
    ['running/running', ['NONE'], 'unknown'],
    ['running/running', undefined, 'unknown'],
    ['running/running', 'CMD', 'unknown'],
  ]
  for (const [states, check, health] of cases) {
    const told = groupOf(service(), [task('t', states, { Spec: specOf(check) })], {
      ...none,
      cuts: cuts(),
    })
    assert.equal(told.instances[0].health, health)
  }
})

test('ports of every node are told, host ones are not, nor what is no port yet', () => {
  const Ports = [
    { Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' },
    { Protocol: 'udp', TargetPort: 53, PublishedPort: 53 },
    { Protocol: 'sctp', TargetPort: 9, PublishedPort: 9 },
    { Protocol: 'tcp', TargetPort: 81 },
    { Protocol: 'tcp', TargetPort: 82, PublishedPort: 70_000 },
    { Protocol: 'tcp', TargetPort: 83, PublishedPort: 83, PublishMode: 'host' },
  ]
  const { nodePorts } = groupOf(service({ Endpoint: { Ports } }), [], { ...none, cuts: cuts() })
  assert.deepEqual(
    nodePorts?.map(({ port, targetPort, transport }) => `${port}>${targetPort}/${transport}`),
    ['8080>80/tcp', '53>53/udp'],
  )
})

test('a service says what is done with it', () => {
  const at = (second: number) => ({ CreatedAt: `2026-01-01T00:00:0${second}Z` })
  const update = (State: string, Message = '') =>
    service({ UpdateStatus: { State, StartedAt: '2026-01-01T00:00:02Z', Message } })
  const old = task('a', 'running/running', at(1))
  const renewed = task('b', 'running/running', at(3))
  const coming = task('c', 'preparing/running', at(4))
  const Err = 'no suitable node (insufficient resources on 3 nodes)'
  const stuck = task('d', 'x/running', { Status: { State: 'pending', Err } })
  const cases = [
    [service(), [old, renewed], undefined],
    [service(), [], undefined],
    [update('completed'), [renewed], undefined],
    [update('updating'), [old, renewed, coming], 'rolling update, 1 of 3'],
    [update('rollback_started'), [renewed, coming], 'rolling back, 1 of 2'],
    [update('paused', 'task c failed'), [old], 'update paused: task c failed'],
    [update('rollback_paused'), [old], 'rollback paused'],
    [service(), [old, coming], '1 of 2 run'],
    [service(), [old, stuck], `1 of 2 run: ${Err}`],
    [update('paused', 'x'.repeat(999)), [], `update paused: ${'x'.repeat(241)}`],
  ] as const
  for (const [given, tasks, doing] of cases) {
    assert.equal(groupOf(given, tasks, { ...none, cuts: cuts() }).doing, doing)
  }
})

test('how many tasks are meant to run depends on the mode', () => {
  const status = (DesiredTasks: number, CompletedTasks = 0) => ({
    ServiceStatus: { RunningTasks: 0, DesiredTasks, CompletedTasks },
  })
  const running = [task('a', 'running/running'), task('b', 'shutdown/shutdown')]
  const cases = [
    [service(), [], 3],
    [service({}, { Mode: { Replicated: {} } }), [], 1],
    [service(status(5), { Mode: { Global: {} } }), [], 5],
    [service({}, { Mode: { Global: {} } }), running, 1],
    [service(status(5, 2), { Mode: { ReplicatedJob: {} } }), [], 3],
    [service(status(5, 5), { Mode: { GlobalJob: {} } }), [], 0],
  ] as const
  for (const [given, tasks, desired] of cases) {
    assert.equal(groupOf(given, tasks, { ...none, cuts: cuts() }).desired, desired)
  }
})

test('lists, labels and names have limits that are counted', () => {
  const counted = cuts()
  const row = (length: number) => Array.from({ length }, (_, i) => i)
  const Ports = row(2000).map(i => ({ Protocol: 'tcp', TargetPort: 1, PublishedPort: i + 1 }))
  const VirtualIPs = row(100).map(i => ({ NetworkID: `${i}`, Addr: `10.${i}.0.1/24` }))
  const NetworksAttachments = row(100).map(i => ({ Addresses: [`10.${i}.0.2/24`] }))
  const Labels = Object.fromEntries(row(100).map(i => [`l${i}`, 'x'.repeat(9999)]))
  const Spec = { ContainerSpec: { Image: 'i'.repeat(9999), Labels } }
  const large = service({ Endpoint: { Ports, VirtualIPs } }, { Name: 'n'.repeat(9999) })
  const group = groupOf(large, [task('t', 'running/running', { NetworksAttachments, Spec })], {
    ...none,
    cuts: counted,
  })
  const [{ addresses, labels, name, image }] = group.instances
  assert.deepEqual(
    [group.nodePorts?.length, group.virtual?.length, addresses.length, Object.keys(labels).length],
    [1024, 64, 64, 32],
  )
  assert.ok(group.service.name.length <= 128 && name.length <= 256 && image!.length <= 256)
  assert.deepEqual(counted, { labels: 68, addresses: 36 + 36, ports: 976, tasks: 0, services: 0 })
})

test('an answer with anything missing, null or of another type is still read', () => {
  const strange = [null, undefined, 0, 'x', [], {}, [null], { Ports: null }, { State: 1 }]
  const read = (kind: 'services' | 'tasks', things: unknown[]) => {
    const services = kind === 'services' ? readServices(things) : [service()]
    const tasks = kind === 'tasks' ? readTasks(things) : [task('t', 'running/running')]
    for (const each of services) groupOf(each, tasks, { ...none, cuts: cuts() })
    return services.length + tasks.length
  }
  for (const kind of ['services', 'tasks'] as const) {
    for (const whole of recordedSwarm(kind)) {
      for (const key of Object.keys(whole).filter(name => name !== 'ID' && name !== 'Spec')) {
        for (const value of strange) {
          assert.equal(read(kind, [{ ...whole, [key]: value }]), 2, `${kind} ${key}`)
        }
      }
      for (const value of strange)
        assert.doesNotThrow(() => read(kind, [{ ...whole, Spec: value }]))
    }
    assert.equal(read(kind, [null, 1, 'x', {}, { ID: '' }]), 1)
  }
  assert.equal(machinesOf(readNodes([null, {}, { ID: 'n', Status: 1, Description: [] }])).size, 1)
})
