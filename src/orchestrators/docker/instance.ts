import { formatAddress, parseAddress } from '#lib/ip-address.ts'
import type {
  Address,
  Health,
  Instance,
  InstanceState,
  Mount,
  PublishedPort,
} from '#model/service.ts'
import { toldEnvironment } from '../environment.ts'
import { labelsOf } from '../labels.ts'
import { mesosContainerOf, nameOf, taskOf } from './service.ts'
import type { Inspected } from './shape.ts'

/** What limits cut off, counted. */
export interface Cuts {
  labels: number
  addresses: number
  published: number
  mounts: number
}

const addressesMax = 64
const publishedMax = 512
const mountsMax = 64
const textCharsMax = 256

/** Labels that tell services apart. */
const tellingLabels = /^(com\.docker\.|io\.kubernetes\.|MESOS_TASK_ID$)/

/** What the node's proc file system told of a container. */
export interface Seen {
  readonly namespace: string | undefined
  /** Found in its namespace; the engine may not know them all. */
  readonly addresses: readonly Address[]
}

/** Nothing: the container's process cannot be seen from here. */
export const unseen: Seen = { namespace: undefined, addresses: [] }

/** A container as an instance. Its addresses are its own: those of `container:<id>` mode are found by the roster. */
export function instanceOf(container: Inspected, seen: Seen, cuts: Cuts): Instance {
  const { State, NetworkSettings } = container
  const told = labelsOf(container.Config.Labels, tellingLabels)
  cuts.labels += told.cut
  const task = taskOf(container)
  const mesos = mesosContainerOf(container)
  return {
    id: `docker:${container.Id}`,
    name: nameOf(container),
    ...(task === undefined ? {} : { task }),
    ...(mesos === undefined ? {} : { containers: [mesos] }),
    state: stateOf(State),
    health: healthOf(State.Health.Status),
    restarts: container.RestartCount,
    sinceMs: startOf(State.StartedAt),
    ...(State.Pid > 0 ? { pid: State.Pid } : {}),
    ...(seen.namespace === undefined ? {} : { namespace: seen.namespace }),
    image: container.Config.Image.slice(0, textCharsMax),
    addresses: bounded(
      withSeen(addressesOf(NetworkSettings), seen),
      addressesMax,
      cuts,
      'addresses',
    ),
    published: bounded(publishedOf(NetworkSettings.Ports), publishedMax, cuts, 'published'),
    mounts: bounded(mountsOf(container.Mounts), mountsMax, cuts, 'mounts'),
    labels: told.labels,
    ...toldEnvironment(container.Config.Env.names),
  }
}

/** While it restarts an engine calls a container running too, so that is asked first. */
function stateOf(state: Inspected['State']): InstanceState {
  if (state.Restarting) return 'restarting'
  if (state.Paused) return 'paused'
  return state.Running ? 'running' : 'exited'
}

const healths: readonly Health[] = ['healthy', 'unhealthy', 'starting']

function healthOf(status: string): Health {
  return healths.find(health => health === status.toLowerCase()) ?? 'unknown'
}

/** 0 for a container that never started (`0001-01-01T00:00:00Z`). */
function startOf(startedAt: string): number {
  return Math.max(Date.parse(startedAt) || 0, 0)
}

/** The addresses that the engine tells; none for a container in another's namespace, or in the host's. */
export function addressesOf(settings: Inspected['NetworkSettings']): Address[] {
  const addresses: Address[] = []
  const add = (ip: string, network: string, networkName: string) => {
    if (ip !== '') addresses.push({ ip: canonical(ip), network, networkName })
  }
  for (const [name, attached] of Object.entries(settings.Networks)) {
    add(attached.IPAddress, attached.NetworkID || name, name)
    add(attached.GlobalIPv6Address, attached.NetworkID || name, name)
  }
  // Only the default bridge gives secondary addresses, and only engines before API 1.52 tell them.
  const bridge = settings.Networks.bridge?.NetworkID || 'bridge'
  for (const { Addr } of settings.SecondaryIPAddresses) add(Addr, bridge, 'bridge')
  for (const { Addr } of settings.SecondaryIPv6Addresses) add(Addr, bridge, 'bridge')
  return addresses
}

function withSeen(told: readonly Address[], seen: Seen): Address[] {
  const known = new Set(told.map(address => address.ip))
  return [...told, ...seen.addresses.filter(address => !known.has(address.ip))]
}

/** One text per address (RFC 5952): the engine repeats what the operator wrote. */
export function canonical(ip: string): string {
  const words = parseAddress(ip)
  return words === undefined ? ip : formatAddress(...words)
}

/** `{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", ...}], "53/udp": null}`. */
function publishedOf(ports: Inspected['NetworkSettings']['Ports']): PublishedPort[] {
  const published: PublishedPort[] = []
  for (const [target, hosts] of Object.entries(ports)) {
    const match = /^(\d{1,5})\/(tcp|udp)$/.exec(target)
    if (!match) continue
    for (const { HostIp, HostPort } of hosts) {
      const port = Number(HostPort)
      if (!(port > 0)) continue
      const transport = match[2] as 'tcp' | 'udp'
      published.push({
        ip: canonical(HostIp || '0.0.0.0'),
        port,
        targetPort: Number(match[1]),
        transport,
      })
    }
  }
  return published
}

function mountsOf(mounts: Inspected['Mounts']): Mount[] {
  return mounts.map(mount => ({
    source: (mount.Type === 'volume' && mount.Name ? mount.Name : mount.Source).slice(
      0,
      textCharsMax,
    ),
    target: mount.Destination.slice(0, textCharsMax),
    writable: mount.RW,
  }))
}

function bounded<T>(list: T[], max: number, cuts: Cuts, name: keyof Cuts): T[] {
  if (list.length <= max) return list
  cuts[name] += list.length - max
  return list.slice(0, max)
}
