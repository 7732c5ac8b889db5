import { type JsonRecord, listOf, portOf, recordOf, recordsOf, textOf } from '#lib/json.ts'
import type { TaskPort } from '../mesos/task.ts'

/**
 * How an app's tasks are on the net: with the agent's own address, behind a bridge that every agent has, on a network
 * of their own addresses, or not at all.
 */
export type NetworkMode = 'host' | 'bridge' | 'container' | 'none'

/** One of an app's ports. */
export interface PortMapping {
  /** Its port in the task; undefined: the same as the agent's. */
  readonly containerPort: number | undefined
  /** It takes the next of the task's ports of the agent. */
  readonly takesHostPort: boolean
  readonly transports: readonly TaskPort['transport'][]
}

export interface AppNetwork {
  readonly mode: NetworkMode
  /** Networks by name, in order of joining; where nobody named one there is none. */
  readonly names: readonly string[]
  readonly mappings: readonly PortMapping[]
}

/**
 * The network of an app of any Marathon. Up to 1.4 it stands in `container.docker.network` and `ipAddress`, from 1.5 in
 * `networks`; upgraded clusters show both, and then the later form says more.
 */
export function networkOf(app: JsonRecord): AppNetwork {
  const container = recordOf(app.container)
  const docker = recordOf(container.docker)
  const networks = recordsOf(app.networks)
  const mode = modeOf(app, textOf(docker.network), networks)
  const named = networks.map(network => textOf(network.name))
  const names = [...named, textOf(recordOf(app.ipAddress).networkName)].filter(name => name !== '')
  const mapped = container.portMappings ?? docker.portMappings
  return {
    mode,
    names: [...new Set(names)],
    mappings: mode === 'host' ? hostPorts(app) : recordsOf(mapped).map(port => mapping(port, mode)),
  }
}

function modeOf(app: JsonRecord, docker: string, networks: readonly JsonRecord[]): NetworkMode {
  for (const { mode } of networks) {
    const found = modes.get(textOf(mode))
    if (found) return found
  }
  const old = dockerModes.get(docker.toUpperCase())
  if (old) return old
  const hasAddress = typeof app.ipAddress === 'object' && app.ipAddress !== null
  return hasAddress ? 'container' : 'host'
}

const modes: ReadonlyMap<string, NetworkMode> = new Map([
  ['host', 'host'],
  ['container/bridge', 'bridge'],
  ['container', 'container'],
])

const dockerModes: ReadonlyMap<string, NetworkMode> = new Map([
  ['HOST', 'host'],
  ['BRIDGE', 'bridge'],
  ['USER', 'container'],
  ['NONE', 'none'],
])

/** On a bridge each mapping has a port of the agent, on a network of its own only those that ask for one. */
function mapping(port: JsonRecord, mode: NetworkMode): PortMapping {
  const asked = port.hostPort !== undefined && port.hostPort !== null
  return {
    containerPort: portOf(port.containerPort),
    takesHostPort: asked || mode === 'bridge',
    transports: transportsOf(port.protocol),
  }
}

/** Definitions tell what a port speaks; without them (up to 1.0) it is TCP. */
function hostPorts(app: JsonRecord): PortMapping[] {
  const definitions = recordsOf(app.portDefinitions)
  const count = Math.max(definitions.length, listOf(app.ports).length)
  return Array.from({ length: count }, (_, i) => ({
    containerPort: undefined,
    takesHostPort: true,
    transports: transportsOf(definitions[i]?.protocol),
  }))
}

/** `tcp`, `udp`, `udp,tcp`; a pod's are a list, and may say `http`, which is TCP. */
export function transportsOf(protocol: unknown): TaskPort['transport'][] {
  const words = Array.isArray(protocol) ? protocol : textOf(protocol).split(',')
  const transports = new Set<TaskPort['transport']>()
  for (const word of words)
    transports.add(textOf(word).trim().toLowerCase() === 'udp' ? 'udp' : 'tcp')
  return transports.size === 0 ? ['tcp'] : [...transports]
}

/**
 * A task's ports of the agent and where they lead: its `ports`, taken in order by those mappings that have one. Ports
 * that no mapping took are a host task's own.
 */
export function portsOf({ mode, mappings }: AppNetwork, ports: unknown): TaskPort[] {
  const hostPorts = listOf(ports).map(portOf)
  const taking = mappings.filter(each => each.takesHostPort)
  const found: TaskPort[] = []
  for (const [i, port] of hostPorts.entries()) {
    const taker = taking[i]
    if (port === undefined || (!taker && mode !== 'host')) continue
    const targetPort = taker?.containerPort ?? port
    for (const transport of taker?.transports ?? (['tcp'] as const)) {
      found.push({ port, targetPort, transport })
    }
  }
  return found
}
