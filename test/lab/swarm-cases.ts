import type { Machine } from './machines.ts'
import type { Swarm } from './swarm.ts'
import {
  meshPort,
  networks,
  ports,
  type SwarmErrand,
  type SwarmStage,
  twins,
} from './swarm-stage.ts'
import { type Journey, journeys, oneOfEach, type PlayedWay, type Way } from './ways.ts'

/** What an errand of a way says: all but its name and the two machines it runs between. */
type Sent = Pick<SwarmErrand, 'caller' | 'url' | 'server' | 'options'>

/** A way in which one party of a Swarm calls another. */
export interface SwarmWay extends Way {
  /** One short word, for names: `overlay`. */
  readonly id: string
  send(from: Machine, to: Machine, swarm: Swarm): Sent
}

const on = (network: string): string[] => ['--network', network]
const onOverlay = [...on(networks.shop), '--endpoint-mode', 'dnsrr']
const at = (ip: string, port: number): string =>
  `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}/`

/**
 * The lab's machines are process namespaces: of a container within one the kernel does not tell who opened a connection
 * that is over at once, as it does on a real machine. One that lasts is found.
 */
const lasting = ['--env', 'KEEPALIVE=1', '--env', 'INTERVAL_MS=150']

/** What is said of every way that leads over IPVS. */
const noIpvs = 'IPVS by nftables'

export const ways: readonly SwarmWay[] = [
  {
    id: 'overlay',
    name: 'task to task on an overlay, by name (dnsrr)',
    send: (_, to) => ({
      ...{ caller: 'task', options: onOverlay },
      ...{ url: `http://web-${to.name}/`, server: `swarm:web-${to.name}` },
    }),
  },
  {
    id: 'attached',
    name: 'a plain container attached to an overlay to a task',
    send: (_, to) => ({
      ...{ caller: 'container', options: on(networks.shop) },
      ...{ url: `http://web-${to.name}/`, server: `swarm:web-${to.name}` },
    }),
  },
  {
    id: 'open',
    name: "a task to a node's host-mode port",
    send: (_, to) => ({
      ...{ caller: 'task', options: onOverlay },
      ...{ url: at(to.address, ports.open), server: `swarm:open-${to.name}` },
    }),
  },
  {
    id: 'bridged',
    name: "a container of the default bridge to a node's host-mode port",
    send: (_, to) => ({
      caller: 'container',
      ...{ url: at(to.address, ports.open), server: `swarm:open-${to.name}` },
    }),
  },
  {
    id: 'hostopen',
    name: "a process of a node to a node's host-mode port",
    send: (_, to) => ({
      caller: 'process',
      ...{ url: at(to.address, ports.open), server: `swarm:open-${to.name}` },
    }),
  },
  {
    id: 'outopen',
    name: "from outside to a node's host-mode port",
    reaches: ['from outside'],
    send: (_, to) => ({
      caller: 'outside',
      ...{ url: at(to.address, ports.open), server: `swarm:open-${to.name}` },
    }),
  },
  {
    id: 'hostnet',
    name: 'a task of the host network to a task of the host network',
    note: 'over one lasting connection',
    send: (_, to) => ({
      ...{ caller: 'task', options: [...on('host'), ...lasting] },
      ...{ url: at(to.address, ports.host), server: `swarm:host-${to.name}` },
    }),
  },
  {
    id: 'hostpids',
    name: 'a container of the host network to a task of the host network',
    note: "with the node's process numbers",
    send: (_, to) => ({
      ...{ caller: 'container', options: [...on('host'), '--pid', 'host'] },
      ...{ url: at(to.address, ports.host), server: `swarm:host-${to.name}` },
    }),
  },
  {
    id: 'tohost',
    name: 'a container of the default bridge to a process of a node',
    send: (_, to) => ({
      caller: 'container',
      ...{ url: at(to.address, ports.process), server: `process:server-${to.name}` },
    }),
  },
  {
    id: 'hosts',
    name: 'a process of a node to a process of a node',
    send: (_, to) => ({
      caller: 'process',
      ...{ url: at(to.address, ports.process), server: `process:server-${to.name}` },
    }),
  },
  {
    id: 'outhost',
    name: 'from outside to a task of the host network',
    reaches: ['from outside'],
    send: (_, to) => ({
      caller: 'outside',
      ...{ url: at(to.address, ports.host), server: `swarm:host-${to.name}` },
    }),
  },
  {
    id: 'wire',
    name: 'task to task on a macvlan network',
    send: (_, to) => ({
      ...{ caller: 'task', options: [...on(networks.wire), '--endpoint-mode', 'dnsrr'] },
      ...{ url: `http://wire-${to.name}/`, server: `swarm:wire-${to.name}` },
    }),
  },
  {
    id: 'twins',
    name: 'on bridges of equal subnets, from equal addresses to equal addresses',
    reaches: ['same host'],
    send: (_, to) => ({
      ...{ caller: 'container', options: [...on(networks.twins), '--ip', twins.client] },
      ...{ url: `http://${twins.server}/`, server: `container:twin-${to.name}` },
    }),
  },
  {
    id: 'virtual',
    name: 'task to task by the virtual address of a service',
    note: noIpvs,
    send: (_, to) => ({
      ...{ caller: 'task', options: on(networks.virtual) },
      ...{ url: `http://virtual-${to.name}/`, server: `swarm:virtual-${to.name}` },
    }),
  },
  {
    id: 'several',
    name: 'a task to the virtual address of a service with a task on each node',
    note: noIpvs,
    reaches: ['same host'],
    send: () => ({
      ...{ caller: 'task', options: on(networks.virtual) },
      ...{ url: 'http://virtual/', server: 'swarm:virtual' },
    }),
  },
  {
    id: 'outmesh',
    name: "from outside to a node's port of the ingress mesh, the task there or elsewhere",
    note: noIpvs,
    reaches: ['same host', 'across hosts'],
    send: (from, to) => ({
      caller: 'outside',
      ...{ url: at(from.address, meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'hostmesh',
    name: "a process of a node to its own node's port of the ingress mesh",
    note: noIpvs,
    send: (from, to) => ({
      caller: 'process',
      ...{ url: at(from.address, meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'loopmesh',
    name: 'a process of a node to a port of the ingress mesh by 127.0.0.1',
    note: noIpvs,
    send: (_, to) => ({
      caller: 'process',
      ...{ url: at('127.0.0.1', meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'hostnetmesh',
    name: "a container of the host network to its own node's port of the ingress mesh",
    note: noIpvs,
    send: (from, to) => ({
      ...{ caller: 'container', options: [...on('host'), '--pid', 'host'] },
      ...{ url: at(from.address, meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'bridgemesh',
    name: "a container of the default bridge to a node's port of the ingress mesh",
    note: noIpvs,
    send: (_, to) => ({
      caller: 'container',
      ...{ url: at(to.address, meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'taskmesh',
    name: "a task to its own node's port of the ingress mesh",
    note: noIpvs,
    send: (from, to) => ({
      ...{ caller: 'task', options: onOverlay },
      ...{ url: at(from.address, meshPort(to)), server: `swarm:mesh-${to.name}` },
    }),
  },
  {
    id: 'hosts6',
    name: 'IPv6: a process of a node to a process of a node',
    send: (_, to) => ({
      caller: 'process',
      ...{ url: at(to.address6, ports.process), server: `process:server-${to.name}` },
    }),
  },
  {
    id: 'open6',
    name: "IPv6: a process of a node to a node's host-mode port",
    send: (_, to) => ({
      caller: 'process',
      ...{ url: at(to.address6, ports.open), server: `swarm:open-${to.name}` },
    }),
  },
]

/** Clients that start at once: more starve each other, and whoever watches them. */
const waveMax = 16

/** Plays all ways in waves, between every two machines unless `isBrief`; they do not disturb each other. */
export async function playWays(stage: SwarmStage, isBrief = false): Promise<PlayedWay[]> {
  const every = journeys(ways, stage.swarm.nodes)
  const all = isBrief ? oneOfEach(every) : every
  const played: PlayedWay[] = []
  for (let i = 0; i < all.length; i += waveMax) {
    const wave = all.slice(i, i + waveMax)
    played.push(...(await Promise.all(wave.map(journey => play(stage, journey)))))
  }
  return played
}

async function play(stage: SwarmStage, journey: Journey<SwarmWay>): Promise<PlayedWay> {
  const { way, reach, from, to } = journey
  const name = `${way.id}-${from.name}-${to.name}`
  const expected = await stage.call({ ...way.send(from, to, stage.swarm), name, on: from })
  return { way, reach, expected }
}
