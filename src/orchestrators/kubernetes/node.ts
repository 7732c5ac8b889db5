import { addressOf } from '../addresses.ts'
import type { NodeObject } from './shape.ts'

/** A machine of the cluster, as the API knows it. */
export interface Node {
  readonly namespace: ''
  readonly name: string
  readonly addresses: readonly string[]
  /** Ranges from which its pods get their addresses, where the cluster gives one to each node. */
  readonly podSubnets: readonly string[]
  /** Its kubelet is silent: what runs there cannot be told. */
  readonly isSilent: boolean
}

export function nodeOf({ metadata, spec, status }: NodeObject): Node {
  const addresses = status.addresses.flatMap(({ type, address }) =>
    type === 'InternalIP' || type === 'ExternalIP' ? (addressOf(address) ?? []) : [],
  )
  const subnets = spec.podCIDRs.length > 0 ? spec.podCIDRs : [spec.podCIDR]
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  return {
    namespace: '',
    name: metadata.name,
    addresses: [...new Set(addresses)],
    podSubnets: subnets.filter(subnet => subnet !== ''),
    isSilent: ready?.status === 'Unknown',
  }
}
