import {
  type Caller,
  clusterIpOf,
  idOf,
  type KubernetesStage,
  localPortOf,
  nodePortOf,
  ports,
  spreadIp,
  spreadPort,
} from './kubernetes-stage.ts'
import type { Machine } from './machines.ts'
import { type Journey, journeys, type PlayedWay, type Way } from './ways.ts'

/** A way in which one party of a cluster calls another. */
interface KubernetesWay extends Way {
  /** One short word, for names. */
  readonly id: string
  readonly caller: Caller
  url(from: Machine, to: Machine, stage: KubernetesStage): string
  /** Who answers; the caller itself unless told. */
  server?(to: Machine, stage: KubernetesStage): string
}

const at = (ip: string, port: number): string => `http://${ip}:${port}/`
const web = (to: Machine) => idOf('statefulset', `web-${to.name}`)
const local = (to: Machine) => idOf('statefulset', `local-${to.name}`)
const host = (to: Machine) => idOf('statefulset', `host-${to.name}`)
const spread = () => idOf('daemonset', 'spread')
const process = (to: Machine) => `process:server-${to.name}`
const toPod = (_: Machine, to: Machine, stage: KubernetesStage) =>
  at(stage.web.get(to)!.ip, ports.pod)
const toService = (_: Machine, to: Machine) => at(clusterIpOf(to), 80)
const nextTo = (node: Machine, nodes: readonly Machine[]) =>
  nodes[(nodes.indexOf(node) + 1) % nodes.length]
const onOwnNode = ['same host'] as const

export const ways: readonly KubernetesWay[] = [
  { id: 'pod', name: 'pod to pod', caller: 'pod', url: toPod, server: web },
  { id: 'side', name: 'a sidecar to a pod', caller: 'sidecar', url: toPod, server: web },
  {
    ...{ id: 'self', name: 'a pod to itself over 127.0.0.1', reaches: onOwnNode, caller: 'itself' },
    url: () => at('127.0.0.1', ports.pod),
  },
  { id: 'svc', name: 'pod to cluster address', caller: 'pod', url: toService, server: web },
  {
    ...{ id: 'spread', name: 'pod to the cluster address of a Service with a pod on each node' },
    ...{ caller: 'pod', reaches: onOwnNode, url: () => at(spreadIp, 80), server: spread },
  },
  {
    ...{
      id: 'ownport',
      name: "pod to its own node's port of a Service, the pod there or elsewhere",
    },
    ...{ caller: 'pod', url: (from, to) => at(from.address, nodePortOf(to)), server: web },
  },
  {
    ...{ id: 'port', name: "pod to a node's port of a Service", reaches: ['across hosts'] },
    ...{ caller: 'pod', url: (_, to) => at(to.address, nodePortOf(to)), server: web },
  },
  {
    ...{ id: 'tohost', name: 'pod to a pod of the host network', caller: 'pod' },
    ...{ url: (_, to) => at(to.address, ports.host), server: host },
  },
  {
    ...{ id: 'toproc', name: 'pod to a process of a node', caller: 'pod' },
    ...{ url: (_, to) => at(to.address, ports.process), server: process },
  },
  {
    id: 'hpod',
    name: 'a pod of the host network to a pod',
    caller: 'host pod',
    url: toPod,
    server: web,
  },
  {
    ...{ id: 'hsvc', name: 'a pod of the host network to a cluster address', caller: 'host pod' },
    ...{ url: toService, server: web },
  },
  {
    ...{ id: 'hhost', name: 'a pod of the host network to one of the host network' },
    ...{ caller: 'host pod', url: (_, to) => at(to.address, ports.host), server: host },
  },
  { id: 'ppod', name: 'a process of a node to a pod', caller: 'process', url: toPod, server: web },
  {
    ...{ id: 'psvc', name: 'a process of a node to a cluster address', caller: 'process' },
    ...{ url: toService, server: web },
  },
  {
    ...{ id: 'phost', name: 'a process of a node to a pod of the host network', caller: 'process' },
    ...{ url: (_, to) => at(to.address, ports.host), server: host },
  },
  {
    ...{ id: 'outport', name: "from outside to a node's port of a Service, the pod elsewhere" },
    ...{ caller: 'outside', reaches: ['from outside'], server: web },
    url: (_, to, { cluster }) => at(nextTo(to, cluster.nodes).address, nodePortOf(to)),
  },
  {
    ...{ id: 'outspread', name: 'from outside to a port of a Service with a pod on each node' },
    ...{ caller: 'outside', reaches: ['from outside'], server: spread },
    url: (_, to) => at(to.address, spreadPort),
  },
  {
    ...{ id: 'outlocal', name: 'the same with externalTrafficPolicy Local, where the pod is' },
    ...{ caller: 'outside', reaches: ['from outside'], server: local },
    url: (_, to) => at(to.address, localPortOf(to)),
  },
  {
    ...{ id: 'outhost', name: 'from outside to a pod of the host network', caller: 'outside' },
    reaches: ['from outside'],
    ...{ url: (_, to) => at(to.address, ports.host), server: host },
  },
  {
    ...{ id: 'egress', name: 'pod to outside', caller: 'pod', reaches: onOwnNode },
    url: (_, __, stage) => at(stage.cluster.outside.nameless, ports.outside),
    server: (_, stage) => `external:${stage.cluster.outside.nameless}`,
  },
]

/** Clients that start at once: more starve each other, and whoever watches them. */
const waveMax = 16

/** Plays all ways, or those whose ids are given, in waves; they do not disturb each other. */
export async function playWays(
  stage: KubernetesStage,
  ids?: readonly string[],
): Promise<PlayedWay[]> {
  const chosen = ids ? ways.filter(({ id }) => ids.includes(id)) : ways
  const all = journeys(chosen, stage.cluster.nodes)
  const played: PlayedWay[] = []
  for (let i = 0; i < all.length; i += waveMax) {
    const wave = all.slice(i, i + waveMax)
    played.push(...(await Promise.all(wave.map(journey => play(stage, journey)))))
  }
  return played
}

async function play(
  stage: KubernetesStage,
  { way, reach, from, to }: Journey<KubernetesWay>,
): Promise<PlayedWay> {
  const expected = await stage.call({
    ...{ name: `${way.id}-${from.name}-${to.name}`, caller: way.caller, on: from },
    ...{ url: way.url(from, to, stage), server: way.server?.(to, stage) },
  })
  return { way, reach, expected }
}
