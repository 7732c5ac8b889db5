import type { PublishedPort, VirtualAddress } from '#model/service.ts'
import { addressOf } from '../addresses.ts'
import type { Pod } from './pod.ts'
import type { EndpointSliceObject, ServiceObject } from './shape.ts'

/** The realm of all virtual addresses. */
export const serviceNetwork = { network: 'kubernetes:services', networkName: 'services' }

/** What the API calls a Service: addresses and ports that lead to pods. */
export interface ClusterService {
  readonly namespace: string
  readonly name: string
  /** Those of the cluster; none for a headless one and an ExternalName. */
  readonly clusterIps: readonly string[]
  /** Those of balancers, and others that the operator leads to the nodes. */
  readonly outsideIps: readonly string[]
  readonly ports: readonly ServicePort[]
  /** Labels of its pods; empty when it names none and its endpoints are somebody's own work. */
  readonly selector: Readonly<Record<string, string>>
}

interface ServicePort {
  readonly name: string
  readonly port: number
  /** A number, or the name of a container's port, which each pod may have elsewhere. */
  readonly target: number | string | undefined
  readonly nodePort: number | undefined
  readonly transport: 'tcp' | 'udp'
}

/** A part of a Service's endpoints. */
export interface Slice {
  readonly namespace: string
  readonly name: string
  readonly service: string
  /** Names of its pods. */
  readonly pods: readonly string[]
  /** Some endpoints are no pods: addresses that somebody wrote there. */
  readonly hasOthers: boolean
  readonly ports: readonly { readonly name: string; readonly port: number }[]
}

export function serviceOf({ metadata, spec, status }: ServiceObject): ClusterService {
  const { namespace, name } = metadata
  const clusterIps = spec.type === 'ExternalName' ? [] : [spec.clusterIP, ...spec.clusterIPs]
  const outsideIps = [...spec.externalIPs, ...status.loadBalancer.ingress.map(({ ip }) => ip)]
  const ports = spec.ports.flatMap(({ name, port, targetPort: target, nodePort, protocol }) =>
    port && protocol ? [{ name, port, target, nodePort, transport: protocol }] : [],
  )
  return {
    ...{ namespace, name, ports, selector: spec.selector },
    clusterIps: addressesOf(clusterIps),
    outsideIps: addressesOf(outsideIps),
  }
}

/** Texts that are addresses (`None` is not), each once. */
function addressesOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(text => addressOf(text) ?? []))]
}

export function sliceOf({ metadata, endpoints, ports, addressType }: EndpointSliceObject): Slice {
  const { namespace, name, labels } = metadata
  // One that is not ready is behind it all the same: what was begun goes on, and who is wrongly called is called.
  const pods = endpoints.flatMap(({ targetRef }) =>
    targetRef.kind === 'Pod' && targetRef.name !== '' ? [targetRef.name] : [],
  )
  return {
    ...{ namespace, name, pods },
    service: labels['kubernetes.io/service-name'] ?? '',
    hasOthers: pods.length < endpoints.length || addressType === 'FQDN',
    ports: ports.flatMap(({ name, port }) => (port === undefined ? [] : [{ name, port }])),
  }
}

/** What leads to a workload through a Service. */
export interface Reach {
  readonly virtual: readonly VirtualAddress[]
  readonly nodePorts: readonly PublishedPort[]
}

/** What a Service's ports lead to: its slices say it best, else its pods, else its own number. */
export function reachOf(
  service: ClusterService,
  slices: readonly Slice[],
  pods: readonly Pod[],
  isNode: (ip: string) => boolean,
): Reach {
  const targets = service.ports.map(each => ({ ...each, to: targetOf(each, slices, pods) }))
  const ports = targets.map(({ port, to, transport }) => ({ port, targetPort: to, transport }))
  const onNodes = service.outsideIps.filter(isNode)
  const others = service.outsideIps.filter(ip => !isNode(ip))
  const virtual = [...service.clusterIps, ...others].map(ip => ({ ip, ...serviceNetwork, ports }))
  const nodePorts = targets.flatMap(({ nodePort, to, transport }) =>
    nodePort === undefined ? [] : [{ ip: '0.0.0.0', port: nodePort, targetPort: to, transport }],
  )
  // A balancer of the nodes themselves: their own addresses, at the Service's own ports.
  const balanced = onNodes.flatMap(ip => ports.map(port => ({ ip, ...port })))
  return { virtual: ports.length > 0 ? virtual : [], nodePorts: [...nodePorts, ...balanced] }
}

function targetOf(port: ServicePort, slices: readonly Slice[], pods: readonly Pod[]): number {
  for (const slice of slices) {
    const found = slice.ports.find(({ name }) => name === port.name)
    if (found) return found.port
  }
  const { target, transport } = port
  if (typeof target === 'number' && target > 0 && target < 65_536) return target
  for (const { ports } of typeof target === 'string' ? pods : []) {
    const found = ports.find(each => each.name === target && each.transport === transport)
    if (found) return found.port
  }
  return port.port
}

/** Every label that is wanted is there; nothing wanted matches nothing. */
export function selects(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(wanted)
  return keys.length > 0 && keys.every(key => labels[key] === wanted[key])
}
