import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { changeOf as containerChangeOf } from '../docker/events.ts'
import { unseen } from '../docker/instance.ts'
import { balancersOf, networksOf } from '../docker/networks.ts'
import { Roster } from '../docker/roster.ts'
import { readContainer, readList, readNetwork, readNetworks } from '../docker/shape.ts'
import { groupOf } from './group.ts'
import { machinesOf } from './node.ts'
import { readInfo, readNodes, readServices, readTasks } from './shape.ts'

const shared = process.env.INKLING_SHARED ?? join(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'payloads')
const skip = existsSync(folder) ? false : 'needs answers of other engines: set INKLING_SHARED'

const answer = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
const listOf = (file: string): unknown[] => [answer(file)].flat()

/** What each file is read as, in one line. */
const readings: Readonly<Record<string, (file: string) => readonly string[]>> = {
  'docker/containers_api1.24.json': containers,
  'docker/containers_compose_19.03.json': containers,
  'docker/list_telegraf.json': containers,
  'docker/inspect_api1.24.json': inspected,
  'docker/inspect_api1.44.json': inspected,
  'docker/inspect_telegraf.json': inspected,
  'docker/network_inspect_api1.24.json': file => [
    ...networks(file),
    `balancers ${balancersOf(readNetwork(answer(file))!).length}`,
  ],
  'docker/networks_19.03.json': networks,
  'docker/networks_api1.52.json': networks,
  'docker/info_api1.24.json': file => [readInfo(answer(file)).LocalNodeState || 'in no swarm'],
  'docker/event_api1.30.json': events,
  'docker/events_api1.24.json': events,
  'swarm/networks_19.03.json': networks,
  'swarm/nodes_19.03.json': file =>
    [...machinesOf(readNodes(answer(file))).values()].map(
      ({ name, address }) => `${name} ${address}`,
    ),
  'swarm/services_19.03.json': services,
  'swarm/services_api1.24.json': services,
  'swarm/service_api1.24.json': services,
  'swarm/service_api1.30.json': services,
  'swarm/services_telegraf.json': services,
  'swarm/tasks_19.03.json': tasks,
  'swarm/tasks_api1.41.json': tasks,
}
/** Nothing of these is read. */
const unread = /docker\/(stats|version)_/

const expected: Readonly<Record<string, readonly string[]>> = {
  // Ids of a document are cut short.
  'docker/containers_api1.24.json': ['0 containers'],
  'docker/containers_compose_19.03.json': ['6 containers'],
  'docker/list_telegraf.json': ['5 containers'],
  'docker/inspect_api1.24.json': ['container:boring_euclid 172.17.0.2'],
  'docker/inspect_api1.44.json': ['container:boring_euclid 172.17.0.2'],
  'docker/inspect_telegraf.json': ['no id'],
  'docker/network_inspect_api1.24.json': ['net01 bridge', 'balancers 0'],
  'docker/networks_19.03.json': [
    ...['bridge bridge', 'dockersd_default bridge', 'dockersd_private bridge'],
    ...['dockersd_private1 bridge', 'host host', 'none null'],
  ],
  'docker/networks_api1.52.json': ['bridge bridge', 'host host', 'none null'],
  'docker/info_api1.24.json': ['in no swarm'],
  'docker/event_api1.30.json': ['0 of 1 events are of containers'],
  'docker/events_api1.24.json': ['5 of 9 events are of containers'],
  'swarm/networks_19.03.json': ['ingress overlay shared', 'mon_net overlay shared'],
  'swarm/nodes_19.03.json': [
    ...['master-3 10.0.232.3', 'oxygen 10.0.232.1', 'master-2 10.0.232.2'],
    ...['worker-1 10.0.232.4', 'worker-2 10.0.232.5'],
  ],
  'swarm/services_19.03.json': [
    'mon/node-exporter 0 10.0.0.7 10.0.1.2 9100>9100',
    ...['mon/unsee 1 10.0.1.34', 'mon/prometheus 1 10.0.1.13', 'mon/cadvisor 0 10.0.1.23'],
    'mon/alertmanager 1 10.0.1.31',
    'mon/caddy 1 10.0.0.13 10.0.1.15 9090>9090 9093>9093 9094>9094',
    ...['mon/grafana 1 10.0.0.15 10.0.1.29 3000>3000', 'mon/dockerd-exporter 0 10.0.1.17'],
  ],
  'swarm/services_api1.24.json': ['/hopeful_cori 1 10.255.0.2 10.255.0.3 30001>6379'],
  'swarm/service_api1.24.json': ['/redis 1 10.255.0.4 30001>6379'],
  'swarm/service_api1.30.json': ['/hopeful_cori 1 10.255.0.2 10.255.0.3 30001>6379'],
  'swarm/services_telegraf.json': ['/test1 2', '/test2 0', '/test3 0', '/test4 0'],
  // Rejected ones have addresses too, which are nobody's.
  'swarm/tasks_19.03.json': [
    ...['40wy6 running 10.0.0.8 10.0.1.3', 'b5sk2 running 10.0.0.12 10.0.1.7'],
    ...['daxcd running 10.0.0.11 10.0.1.6', 'fwifn running 10.0.0.10 10.0.1.5'],
    ...['i9ski running 10.0.1.35', 'irj35 running 10.0.1.14', 'k8x28 running 10.0.1.20'],
    ...['mita4 running 10.0.1.19', 'nm3v4 running 10.0.1.18', 'qtr16 starting 10.0.0.19 10.0.1.81'],
    ...['s0rh3 running 10.0.1.24', 'sxwku running 10.0.1.32', 'tj683 running 10.0.0.16 10.0.1.30'],
    'zhoo9 running 10.0.1.22 :82',
  ],
  'swarm/tasks_api1.41.json': ['0kzzo running 10.255.0.10'],
}

function containers(file: string): string[] {
  return [`${readList(answer(file)).length} containers`]
}

function inspected(file: string): string[] {
  const container = readContainer(answer(file))
  if (!container) return ['no id']
  const roster = new Roster()
  roster.put({ ...container, State: { ...container.State, Running: true } }, unseen)
  return roster
    .all()
    .map(({ service, instances: [{ addresses }] }) =>
      [service.id, ...addresses.map(({ ip }) => ip)].join(' '),
    )
}

function networks(file: string): string[] {
  return networksOf(readNetworks(listOf(file))).map(
    ({ name, driver, isShared }) => `${name} ${driver}${isShared ? ' shared' : ''}`,
  )
}

function events(file: string): string[] {
  const changes = listOf(file).map(event => containerChangeOf(JSON.stringify(event)))
  const count = changes.filter(change => change && change.containers.length > 0).length
  return [`${count} of ${changes.length} events are of containers`]
}

function services(file: string): string[] {
  const cuts = { labels: 0, addresses: 0, ports: 0, tasks: 0, services: 0 }
  const around = { machines: new Map(), networks: new Map(), ingress: undefined, cuts }
  return readServices(listOf(file))
    .map(service => groupOf(service, [], around))
    .map(({ service, desired, virtual = [], nodePorts = [] }) =>
      [
        `${service.group.join('/')}/${service.name}`,
        desired,
        ...virtual.map(({ ip }) => ip),
        ...nodePorts.map(({ port, targetPort }) => `${port}>${targetPort}`),
      ].join(' '),
    )
}

function tasks(file: string): string[] {
  const cuts = { labels: 0, addresses: 0, ports: 0, tasks: 0, services: 0 }
  const [service] = readServices([{ ID: 's', Spec: { Name: 'web' } }])
  const around = { machines: new Map(), networks: new Map(), ingress: undefined, cuts }
  return groupOf(service, readTasks(listOf(file)), around).instances.map(
    ({ id, state, addresses, published }) =>
      [
        id.slice(6, 11),
        state,
        ...addresses.map(({ ip }) => ip),
        ...published.map(({ port }) => `:${port}`),
      ].join(' '),
  )
}

test('every recorded answer of an engine and of a manager is read for what it says', {
  skip,
}, () => {
  const files = ['docker', 'swarm'].flatMap(kind =>
    readdirSync(join(folder, kind)).map(file => `${kind}/${file}`),
  )
  for (const file of files.filter(file => !unread.test(file))) {
    assert.ok(readings[file], `nothing reads ${file}`)
    const read = readings[file](file)
    assert.deepEqual(/tasks/.test(file) ? read.toSorted() : read, expected[file], file)
  }
})
