import { isLoopback } from '#lib/ip.ts'
import {
  type JsonRecord,
  listOf,
  numberOf,
  portOf,
  recordOf,
  recordsOf,
  textOf,
} from '#lib/json.ts'
import type { Address, Health } from '#model/service.ts'
import { addressOf } from '../addresses.ts'
import { labelsOf } from '../labels.ts'
import type { TaskPort } from './task.ts'

/** A task as a master lists it, in the words of `/state` or of the operator API, which differ in spelling only. */
export interface ListedTask {
  readonly id: string
  readonly framework: string
  readonly agent: string
  /** Who runs it there; of a task that is but a command the agent calls it by the task's own id. */
  readonly executor: string
  readonly name: string
  readonly state: string
  readonly statuses: readonly JsonRecord[]
  readonly container: JsonRecord
  readonly labels: Readonly<Record<string, string>>
  /** Ports of the agent that it was given. */
  readonly hostPorts: readonly number[]
  readonly discovery: JsonRecord
}

/** Statuses of one task that are kept: one comes with each flip of its health. */
const statusesMax = 16
const hostPortsMax = 64

/** Undefined when it has no id. */
export function readTask(task: JsonRecord, framework = ''): ListedTask | undefined {
  const id = idOf(task.id ?? task.task_id)
  if (id === '') return undefined
  return {
    id,
    framework: framework || idOf(task.framework_id),
    agent: idOf(task.slave_id ?? task.agent_id),
    executor: idOf(task.executor_id) || id,
    name: textOf(task.name, 128) || id.slice(0, 128),
    state: textOf(task.state, 64),
    statuses: recordsOf(task.statuses).slice(-statusesMax),
    container: recordOf(task.container),
    labels: labelsOf(pairsOf(task.labels)).labels,
    hostPorts: rangesOf(task.resources),
    discovery: recordOf(task.discovery),
  }
}

/** The task after an update of its state. */
export function updated(task: ListedTask, state: string, status: JsonRecord): ListedTask {
  return { ...task, state, statuses: [...task.statuses, status].slice(-statusesMax) }
}

/** `"x"` or `{"value": "x"}`. */
export function idOf(value: unknown): string {
  return textOf(value) || textOf(recordOf(value).value)
}

/** `[{key, value}]`, or the same under `labels`. */
function pairsOf(labels: unknown): Record<string, string> {
  const pairs = recordsOf(Array.isArray(labels) ? labels : recordOf(labels).labels)
  return Object.fromEntries(pairs.map(({ key, value }) => [textOf(key), textOf(value)]))
}

/** Ports among resources: `"[31000-31001, 31005-31005]"`, or a list of ranges. */
function rangesOf(resources: unknown): number[] {
  const ports: number[] = []
  for (const [begin, end] of Array.isArray(resources) ? listed(resources) : written(resources)) {
    for (let port = begin; port <= end && ports.length < hostPortsMax; port++) ports.push(port)
  }
  return ports
}

function listed(resources: readonly unknown[]): [number, number][] {
  const ports = recordsOf(resources).filter(resource => resource.name === 'ports')
  return ports.flatMap(({ ranges }) =>
    recordsOf(recordOf(ranges).range).map(({ begin, end }): [number, number] => [
      portOf(begin) ?? 1,
      portOf(end) ?? 0,
    ]),
  )
}

function written(resources: unknown): [number, number][] {
  const { ports } = recordOf(resources)
  const text = typeof ports === 'string' ? ports.slice(0, 4096) : ''
  return [...text.matchAll(/(\d{1,5})-(\d{1,5})/g)].map(([, begin, end]) => [
    portOf(Number(begin)) ?? 1,
    portOf(Number(end)) ?? 0,
  ])
}

/** A network that a task joined, and its addresses there. */
export interface Joined {
  readonly name: string
  readonly ips: readonly string[]
}

/**
 * What the newest status of a running task tells of its networks. Others do not count: to a final one, and to one of an
 * old executor, the agent adds its own address.
 */
export function joinedOf({ statuses }: ListedTask): Joined[] {
  const running = inTime(statuses).filter(status => status.state === 'TASK_RUNNING')
  for (const status of running.reverse()) {
    const told = recordsOf(recordOf(status.container_status).network_infos)
    const joined = told.map(info => ({ name: textOf(info.name, 128), ips: ipsOf(info) }))
    if (joined.some(({ ips }) => ips.length > 0)) return joined
    const labelled = addressOf(pairsOf(status.labels)['Docker.NetworkSettings.IPAddress'] ?? '')
    if (labelled !== undefined) return [{ name: '', ips: [labelled] }]
  }
  return []
}

/** As they happened: masters list them as they came. */
function inTime(statuses: readonly JsonRecord[]): JsonRecord[] {
  return [...statuses].sort((a, b) => (numberOf(a.timestamp) ?? 0) - (numberOf(b.timestamp) ?? 0))
}

/** Up to 0.25 there is one address, without a list. */
function ipsOf(info: JsonRecord): string[] {
  const listed = recordsOf(info.ip_addresses).map(each => textOf(each.ip_address))
  const texts = listed.length > 0 ? listed : [textOf(info.ip_address)]
  return texts.map(addressOf).filter(ip => ip !== undefined)
}

/** Networks that every agent has for itself, with the same addresses. */
const bridges: ReadonlySet<string> = new Set(['mesos-bridge', 'bridge', 'host', 'none'])

/**
 * The addresses that are the task's own in the whole cluster. Where nobody says that it has a network of its own (it has
 * a name, or was asked for) an address may be one behind a bridge, which another agent has too: then there are none.
 */
export function ownAddressesOf(task: ListedTask, agentIp: string | undefined): Address[] {
  const docker = textOf(recordOf(task.container.docker).network).toUpperCase()
  if (docker !== '' && docker !== 'USER') return []
  const asked = recordsOf(task.container.network_infos)
  return joinedOf(task).flatMap(({ name, ips }, i) => {
    const network = name || textOf(asked[i]?.name, 128) || 'default'
    const isOwn = name !== '' || docker === 'USER' || asked.length > 0
    if (!isOwn || bridges.has(network)) return []
    const own = ips.filter(ip => ip !== agentIp && !isLoopback(ip))
    return own.map(ip => ({ ip, network, networkName: network }))
  })
}

/** Ports of the agent that lead to the task: those that were mapped, else, on the agent's own network, those it was given. */
export function portsOf(task: ListedTask): TaskPort[] {
  const { docker, network_infos: infos } = task.container
  const mapped = [
    ...recordsOf(recordOf(docker).port_mappings),
    ...recordsOf(infos).flatMap(info => recordsOf(info.port_mappings)),
  ]
  if (mapped.length > 0) return mapped.flatMap(mappedPort)
  const network = textOf(recordOf(docker).network).toUpperCase()
  const isHost = network === 'HOST' || (network === '' && listOf(infos).length === 0)
  const isJoined = joinedOf(task).some(({ name }) => name !== '')
  if (!isHost || isJoined) return []
  const told = recordsOf(recordOf(task.discovery.ports).ports)
  return task.hostPorts.map(port => {
    const protocol = told.find(each => each.number === port)?.protocol
    return { port, targetPort: port, transport: textOf(protocol) === 'udp' ? 'udp' : 'tcp' }
  })
}

function mappedPort(mapping: JsonRecord): TaskPort[] {
  const port = portOf(mapping.host_port)
  if (port === undefined) return []
  const transport = textOf(mapping.protocol).toLowerCase() === 'udp' ? 'udp' : 'tcp'
  return [{ port, targetPort: portOf(mapping.container_port) ?? port, transport }]
}

/** What its checks said last. */
export function healthOf({ statuses }: ListedTask): Health {
  const told = inTime(statuses).filter(status => typeof status.healthy === 'boolean')
  const last = told[told.length - 1]
  return last === undefined ? 'unknown' : last.healthy ? 'healthy' : 'unhealthy'
}

/** Nested containers deeper than this are taken for the outer ones. */
const nestingMax = 8

/**
 * The containers that it runs in, innermost first, as control groups have them (1.2 and newer). Tasks of one executor share
 * the outer ones.
 */
export function containersOf({ statuses }: ListedTask): string[] {
  const told = inTime(statuses).reverse()
  for (const status of told) {
    const containers: string[] = []
    let id = recordOf(recordOf(status.container_status).container_id)
    while (textOf(id.value, 256) !== '' && containers.length < nestingMax) {
      containers.push(`mesos:${textOf(id.value, 256)}`)
      id = recordOf(id.parent)
    }
    if (containers.length > 0) return containers
  }
  return []
}

/** When it began to run, in milliseconds since the epoch; 0 when it did not. */
export function sinceOf({ statuses }: ListedTask): number {
  const first = inTime(statuses).find(status => status.state === 'TASK_RUNNING')
  return Math.max(0, Math.round((numberOf(first?.timestamp) ?? 0) * 1000))
}

/** The image of a task of either containerizer. */
export function imageOf({ container }: ListedTask): string {
  const { docker, mesos } = container
  const image = recordOf(recordOf(mesos).image)
  return textOf(recordOf(docker).image, 256) || textOf(recordOf(image.docker).name, 256)
}
