import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MesosCluster } from './cluster.ts'
import { v1Task } from './fake-master.ts'
import {
  containersOf,
  healthOf,
  joinedOf,
  ownAddressesOf,
  portsOf,
  readTask,
  sinceOf,
} from './listed.ts'
import { readState, readStateV1 } from './state.ts'

const agent = '10.0.0.1'

function read(more: object) {
  const task = readTask({ id: 't', name: 't', framework_id: 'F', slave_id: 'S', ...more })
  assert.ok(task)
  return task
}

const running = (infos: object[], more: object = {}) => ({
  ...{ state: 'TASK_RUNNING', timestamp: 10, container_status: { network_infos: infos } },
  ...more,
})
const info = (ip: string, name?: string) => ({ name, ip_addresses: [{ ip_address: ip }] })

test('whose own an address is, and where ports lead, in every form of networking', () => {
  const docker = (network: string, port_mappings: object[] = []) => ({
    container: { type: 'DOCKER', docker: { network, port_mappings } },
  })
  const ports = { resources: { ports: '[31000-31001]' } }
  const cases: [claim: string, task: object, expected: string][] = [
    [
      'a network by name',
      { statuses: [running([info('9.0.1.7', 'dcos')])], ...ports },
      '9.0.1.7@dcos',
    ],
    [
      'a bridge of Mesos, and its mapped ports',
      {
        statuses: [running([info('172.31.254.2', 'mesos-bridge')])],
        container: {
          network_infos: [
            { name: 'mesos-bridge', port_mappings: [{ host_port: 31_000, container_port: 80 }] },
          ],
        },
      },
      '31000>80/tcp',
    ],
    [
      'Docker’s bridge',
      {
        statuses: [running([info('172.17.0.2')])],
        ...docker('BRIDGE', [{ host_port: 31_000, container_port: 53, protocol: 'udp' }]),
      },
      '31000>53/udp',
    ],
    [
      'Docker on a network of its own',
      { statuses: [running([info('10.32.0.5')])], ...docker('USER') },
      '10.32.0.5@default',
    ],
    [
      'the agent’s own network: the ports it was given',
      { statuses: [running([info(agent)])], ...ports },
      '31000>31000/tcp 31001>31001/tcp',
    ],
    [
      'the same, the transport told by what it wants to be found by',
      {
        ...{ ...docker('HOST'), ...ports, statuses: [] },
        discovery: { ports: { ports: [{ number: 31_001, protocol: 'udp' }] } },
      },
      '31000>31000/tcp 31001>31001/udp',
    ],
    [
      'nobody says which network: it may be a bridge, the address is nobody’s',
      { statuses: [running([info('172.17.0.2')])] },
      '',
    ],
    [
      'a final status has the agent’s address: the one while it ran counts',
      {
        statuses: [
          {
            state: 'TASK_FINISHED',
            timestamp: 20,
            container_status: { network_infos: [info(agent)] },
          },
          running([info('9.0.1.7', 'dcos')]),
          running([info('9.0.1.6', 'dcos')], { timestamp: 5 }),
        ],
      },
      '9.0.1.7@dcos',
    ],
    [
      'up to 0.25 one address without a list',
      { statuses: [running([{ name: 'calico', ip_address: '192.168.0.7' }])] },
      '192.168.0.7@calico',
    ],
  ]
  for (const [claim, more, expected] of cases) {
    const task = read(more)
    const told = [
      ...portsOf(task).map(each => `${each.port}>${each.targetPort}/${each.transport}`),
      ...ownAddressesOf(task, agent).map(({ ip, network }) => `${ip}@${network}`),
    ]
    assert.equal(told.join(' '), expected, claim)
  }
})

test('the label of Docker’s address counts where there are no networks, the newest first', () => {
  const labelled = (ip: string, timestamp: number) =>
    running([], { timestamp, labels: [{ key: 'Docker.NetworkSettings.IPAddress', value: ip }] })
  const task = read({
    statuses: [labelled('10.3.0.4', 1), labelled('10.3.0.1', 3), labelled('x', 4)],
  })
  assert.deepEqual(joinedOf(task), [{ name: '', ips: ['10.3.0.1'] }])
})

test('health and begin are told by statuses in their time, not in their order', () => {
  const statuses = [
    running([], { timestamp: 7.25, healthy: false }),
    running([], { timestamp: 5.5, healthy: true }),
    { state: 'TASK_STARTING', timestamp: 5 },
  ]
  const task = read({ statuses })
  assert.deepEqual([healthOf(task), sinceOf(task)], ['unhealthy', 5500])
  assert.deepEqual([healthOf(read({})), sinceOf(read({}))], ['unknown', 0])
})

test('a list with anything missing, null, huge or of another type is still read, and bounded', () => {
  const strange = [null, undefined, 0, -1, 'x'.repeat(100_000), [], {}, [null], { value: 7 }, true]
  const task = v1Task({ id: 't', name: 't', framework: 'F', agent: 'S', ip: '9.0.0.1' })
  const full = { ...task, container: {}, labels: {}, resources: [], discovery: {} }
  for (const value of strange) {
    for (const key of Object.keys(full)) {
      const cluster = new MesosCluster({ isMarathonWatched: false, now: () => 0 })
      cluster.apply({ type: 'TASK_ADDED', task_added: { task: { ...full, [key]: value } } })
      assert.ok(JSON.stringify(cluster.groups()).length < 10_000, key)
    }
    for (const type of ['TASK_ADDED', 'TASK_UPDATED', 'AGENT_ADDED', 'FRAMEWORK_REMOVED']) {
      const cluster = new MesosCluster({ isMarathonWatched: false, now: () => 0 })
      assert.doesNotThrow(() => cluster.apply({ type, [type.toLowerCase()]: value }))
    }
    assert.doesNotThrow(() => [readState(value), readStateV1(value), readState({ slaves: value })])
  }
  assert.equal(read({ resources: { ports: '[1-65535, 70000-80000, 9-1]' } }).hostPorts.length, 64)
  assert.equal(read({ statuses: new Array(1000).fill(running([])) }).statuses.length, 16)
})

test('the containers of a task are told innermost first, as its newest status that knows has them', () => {
  const status = (timestamp: number, container_id: object | undefined) => ({
    ...{ state: 'TASK_RUNNING', timestamp, container_status: { container_id } },
  })
  const cases: [statuses: object[], expected: string[]][] = [
    [[status(1, { value: 'c' })], ['mesos:c']],
    [
      [status(1, { value: 'old' }), status(2, { value: 'c', parent: { value: 'p' } })],
      ['mesos:c', 'mesos:p'],
    ],
    [[status(1, { value: 'c' }), status(2, undefined)], ['mesos:c']],
    [[status(1, { value: 7 }), status(2, [])], []],
    [[{ state: 'TASK_RUNNING', timestamp: 1 }], []],
  ]
  for (const [statuses, expected] of cases) {
    assert.deepEqual(containersOf(read({ statuses })), expected, JSON.stringify(statuses))
  }
  let deep: object = { value: 'c' }
  for (let i = 0; i < 100; i++) deep = { value: 'c', parent: deep }
  assert.equal(containersOf(read({ statuses: [status(1, deep)] })).length, 8)
})
