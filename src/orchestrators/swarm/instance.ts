import type { Address, Health, Instance, InstanceState, PublishedPort } from '#model/service.ts'
import { canonical } from '../docker/instance.ts'
import { toldEnvironment } from '../environment.ts'
import { labelsOf } from '../labels.ts'
import type { Machine } from './node.ts'
import type { SwarmService, SwarmTask } from './shape.ts'

/** What limits cut off, counted. */
export interface Cuts {
  labels: number
  addresses: number
  ports: number
  tasks: number
  services: number
}

const addressesMax = 64
const publishedMax = 512
const textCharsMax = 256

const tellingLabels = /^com\.docker\./
/** States in which a container is there, with its addresses. */
const present: ReadonlySet<string> = new Set(['starting', 'running'])
/** States of a task that is not over, in their order. */
const begun: ReadonlySet<string> = new Set([
  ...['new', 'allocated', 'pending', 'assigned', 'accepted', 'preparing', 'ready'],
  ...present,
])
const wanted: ReadonlySet<string> = new Set(['ready', 'running', 'complete'])

/** It runs, or is meant to. One that is to end and does not run yet will not. */
export function isAlive({ Status, DesiredState }: SwarmTask): boolean {
  return present.has(Status.State) || (begun.has(Status.State) && wanted.has(DesiredState))
}

/** It is where it is meant to be: nothing is to be expected of it. */
export function isSettled({ Status, DesiredState }: SwarmTask): boolean {
  const isOver = !begun.has(Status.State)
  const isMeant = DesiredState === 'running' || DesiredState === 'complete'
  return isOver || (Status.State === 'running' && isMeant)
}

/** A task that is alive, as an instance. The addresses of one that does not run are nobody's, or another's by now. */
export function instanceOf(
  task: SwarmTask,
  service: SwarmService,
  machine: Machine | undefined,
  cuts: Cuts,
): Instance {
  const isPresent = present.has(task.Status.State)
  const { Image, Labels, Env } = task.Spec.ContainerSpec
  const told = labelsOf(Labels, tellingLabels)
  cuts.labels += told.cut
  return {
    id: `swarm:${task.ID}`,
    name: nameOf(task, service, machine),
    task: task.ID.slice(0, textCharsMax),
    // A task without a machine is nobody's yet, least of all the manager's own.
    node: machine?.name ?? task.NodeID,
    state: stateOf(task, machine),
    health: healthOf(task),
    restarts: 0,
    sinceMs: Math.max(Date.parse(task.Status.Timestamp) || 0, 0),
    image: Image.replace(/@sha256:.*/, '').slice(0, textCharsMax),
    addresses: isPresent ? bounded(addressesOf(task), addressesMax, cuts, 'addresses') : [],
    published: isPresent ? bounded(publishedOf(task, machine), publishedMax, cuts, 'ports') : [],
    mounts: [],
    labels: told.labels,
    ...toldEnvironment(Env),
  }
}

/** As `docker service ps` calls it: `web.2`; of a global service by its machine. */
function nameOf({ Slot, NodeID }: SwarmTask, { Spec }: SwarmService, machine?: Machine): string {
  return `${Spec.Name}.${Slot || machine?.name || NodeID || '?'}`.slice(0, textCharsMax)
}

function stateOf({ Status }: SwarmTask, machine: Machine | undefined): InstanceState {
  if (!present.has(Status.State)) return 'starting'
  if (machine?.isUnreachable) return 'unreachable'
  return Status.State === 'running' ? 'running' : 'starting'
}

/** A task with a health check runs only when it passed, and is ended when it fails. */
function healthOf({ Spec, Status }: SwarmTask): Health {
  const [kind = 'NONE'] = Spec.ContainerSpec.Healthcheck.Test
  if (kind === 'NONE') return 'unknown'
  return Status.State === 'running' ? 'healthy' : 'starting'
}

function addressesOf({ NetworksAttachments }: SwarmTask): Address[] {
  return NetworksAttachments.flatMap(({ Network, Addresses }) =>
    Addresses.map(address => ({
      ip: withoutPrefix(address),
      network: Network.ID,
      networkName: Network.Spec.Name,
    })),
  ).filter(({ ip }) => ip !== '')
}

/** Ports of its machine that lead to it alone; known by any address of the machine, and by the one that we know. */
function publishedOf({ Status }: SwarmTask, machine: Machine | undefined): PublishedPort[] {
  const ports = new Map<string, PublishedPort>()
  for (const port of Status.PortStatus.Ports) {
    if (port.PublishMode !== 'host') continue
    for (const ip of ['0.0.0.0', machine?.address ?? '']) {
      const published = ip === '' ? undefined : publishedPort(port, ip)
      // An engine tells each port twice.
      if (published) ports.set(JSON.stringify(published), published)
    }
  }
  return [...ports.values()]
}

/** `10.0.1.7/24` without its `/24`. */
export function withoutPrefix(address: string): string {
  return canonical(address.replace(/\/.*/, ''))
}

type Port = SwarmService['Endpoint']['Ports'][number]

/** Undefined while it has no number, and for what is neither TCP nor UDP. */
export function publishedPort(port: Port, ip: string): PublishedPort | undefined {
  const transport = port.Protocol.toLowerCase()
  if (transport !== 'tcp' && transport !== 'udp') return undefined
  if (!isPort(port.PublishedPort) || !isPort(port.TargetPort)) return undefined
  return { ip, port: port.PublishedPort, targetPort: port.TargetPort, transport }
}

const isPort = (number: number) => Number.isInteger(number) && number > 0 && number < 65_536

/** At most so many; how many more there were is counted. */
export function bounded<T>(list: T[], max: number, cuts: Cuts, name: keyof Cuts): T[] {
  if (list.length <= max) return list
  cuts[name] += list.length - max
  return list.slice(0, max)
}
