import type {
  Address,
  Health,
  Instance,
  InstanceState,
  Mount,
  PublishedPort,
} from '#model/service.ts'
import { addressOf } from '../addresses.ts'
import { environmentNamed, toldEnvironment } from '../environment.ts'
import { labelsOf } from '../labels.ts'
import type { Node } from './node.ts'
import { controllerOf, type Origin } from './owner.ts'
import type { PodObject } from './shape.ts'

/** The realm of all pods' addresses: in it each is told apart from every node. */
export const podNetwork = { network: 'kubernetes:pods', networkName: 'pods' }

/** A port that a container names. */
export interface NamedPort {
  readonly name: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
}

/** A pod, as far as it is of use. */
export interface Pod extends Origin {
  /** Succeeded or failed: its address may be another's already. */
  readonly isOver: boolean
  readonly isOnHost: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly NamedPort[]
  /** As the API alone tells it: without what its node adds. */
  readonly instance: Instance
}

const addressesMax = 16
const publishedMax = 512
const mountsMax = 64
const containersMax = 128

export function podOf(object: PodObject): Pod {
  const { metadata, spec, status } = object
  const owner = controllerOf(metadata)
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    node: spec.nodeName,
    owner,
    isStatic: owner?.kind === 'Node' || mirrorOf(object) !== '',
    templateHash: metadata.labels['pod-template-hash'] ?? '',
    // One without an address or a node is not anywhere yet.
    isOver: /^(Succeeded|Failed)$/.test(status.phase) || spec.nodeName === '',
    isOnHost: spec.hostNetwork,
    labels: metadata.labels,
    ports: portsOf(object),
    instance: instanceOf(object),
  }
}

/** The pod as an instance, on its node: one in the host's network listens at the node's addresses, and owns none. */
export function placed(pod: Pod, node: Node | undefined): Instance {
  const { instance, isOnHost, ports } = pod
  const state = node?.isSilent ? 'unreachable' : instance.state
  if (!isOnHost) return state === instance.state ? instance : { ...instance, state }
  const hosts = ['0.0.0.0', ...(node?.addresses ?? [])]
  const published = ports
    .flatMap(({ port, transport }) =>
      hosts.map((ip): PublishedPort => ({ ip, port, targetPort: port, transport })),
    )
    .slice(0, publishedMax)
  return { ...instance, state, published }
}

function instanceOf(object: PodObject): Instance {
  const { metadata, spec, status } = object
  const own = [...status.containerStatuses, ...status.initContainerStatuses]
  const containers = own.flatMap(({ containerID }) => {
    const id = /^[a-z-]+:\/\/([0-9a-f]{64})$/.exec(containerID)?.[1]
    return id === undefined ? [] : [`docker:${id}`]
  })
  // The kubelet calls a static pod by the hash of its file, not by its mirror's uid.
  const task = mirrorOf(object) || metadata.uid
  return {
    id: `kubernetes:${metadata.uid || `${metadata.namespace}/${metadata.name}`}`,
    name: metadata.name,
    ...(task === '' ? {} : { task }),
    node: spec.nodeName,
    containers: containers.slice(0, containersMax),
    state: stateOf(object),
    health: healthOf(object),
    restarts: own.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
    sinceMs: Math.max(Date.parse(status.startTime) || 0, 0),
    image: imageOf(object),
    addresses: addressesOf(object),
    published: hostPortsOf(object),
    mounts: mountsOf(object),
    labels: labelsOf(metadata.labels).labels,
    ...toldEnvironment(environmentNamed(spec.containers.flatMap(({ env }) => env))),
  }
}

function mirrorOf({ metadata }: PodObject): string {
  const mirror = metadata.annotations['kubernetes.io/config.mirror']
  return typeof mirror === 'string' ? mirror.slice(0, 253) : ''
}

/** Starting over and over, or in its first steps; a pod that is told to end still runs. */
function stateOf({ status }: PodObject): InstanceState {
  if (status.phase === 'Unknown') return 'unreachable'
  const loops = status.containerStatuses.some(
    ({ restartCount = 0, state }) => restartCount > 0 && state.waiting.reason !== '',
  )
  if (loops) return 'restarting'
  return status.phase === 'Running' ? 'running' : 'starting'
}

/**
 * Ready is healthy. What is not was ready before, since its last start, or is on its way there: a container that began
 * after the pod last changed between the two has not had its time yet.
 */
function healthOf({ status }: PodObject): Health {
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  if (ready?.status === 'True') return 'healthy'
  if (ready?.status !== 'False') return 'unknown'
  if (status.phase === 'Pending') return 'starting'
  const starts = status.containerStatuses.map(
    ({ state }) => Date.parse(state.running.startedAt) || 0,
  )
  if (starts.some(start => start === 0)) return 'unhealthy'
  return Date.parse(ready.lastTransitionTime) <= Math.max(0, ...starts) ? 'starting' : 'unhealthy'
}

/** Of several containers the one that kubectl would take. */
function imageOf({ metadata, spec }: PodObject): string {
  const named = metadata.annotations['kubectl.kubernetes.io/default-container']
  const container = spec.containers.find(({ name }) => name === named) ?? spec.containers[0]
  return container?.image ?? ''
}

function addressesOf({ spec, status }: PodObject): Address[] {
  if (spec.hostNetwork) return []
  const told = [status.podIP, ...status.podIPs.map(({ ip }) => ip)]
  const ips = new Set(told.flatMap(ip => addressOf(ip) ?? []))
  return [...ips].slice(0, addressesMax).map(ip => ({ ip, ...podNetwork }))
}

/** All containers that may listen: those of the pod, and first ones that stay (sidecars). */
function listeners({ spec }: PodObject) {
  return [
    ...spec.containers,
    ...spec.initContainers.filter(each => each.restartPolicy === 'Always'),
  ]
}

function portsOf(object: PodObject): NamedPort[] {
  return listeners(object)
    .flatMap(({ ports }) => ports)
    .flatMap(({ name, containerPort: port, protocol: transport }) =>
      port === undefined || transport === undefined ? [] : [{ name, port, transport }],
    )
    .slice(0, publishedMax)
}

/** Ports of the node that lead into the pod. In the host's network they are the node's own. */
function hostPortsOf(object: PodObject): PublishedPort[] {
  if (object.spec.hostNetwork) return []
  return listeners(object)
    .flatMap(({ ports }) => ports)
    .flatMap(({ containerPort, hostPort, hostIP, protocol }) => {
      if (!hostPort || !containerPort || !protocol) return []
      const ip = addressOf(hostIP) ?? '0.0.0.0'
      return [{ ip, port: hostPort, targetPort: containerPort, transport: protocol }]
    })
    .slice(0, publishedMax)
}

/** What outlives the pod: claims and folders of the node. */
function mountsOf({ spec }: PodObject): Mount[] {
  const sources = new Map(
    spec.volumes.map(each => [
      each.name,
      each.persistentVolumeClaim.claimName || each.hostPath.path,
    ]),
  )
  return spec.containers
    .flatMap(({ volumeMounts }) => volumeMounts)
    .flatMap(({ name, mountPath, readOnly }) => {
      const source = sources.get(name)
      return source ? [{ source, target: mountPath, writable: !readOnly }] : []
    })
    .slice(0, mountsMax)
}
