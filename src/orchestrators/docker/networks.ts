import type { Network } from '#model/network.ts'
import { canonical } from './instance.ts'
import type { Inspected, InspectedNetwork, ListedNetwork } from './shape.ts'

const networksMax = 1024
const balancersMax = 16

/** An engine's networks, ordered by name. */
export function networksOf(listed: readonly ListedNetwork[]): readonly Network[] {
  const networks = listed.slice(0, networksMax).map(network => {
    const { Id: id, Name: name, Driver: driver, Scope, IPAM } = network
    const isSpanning = spansNodes(driver, Scope)
    return {
      ...{ id, name, driver },
      ...(isSpanning || isRouted(network) ? { isShared: true } : {}),
      gateways: isSpanning ? [] : gatewaysOf(IPAM.Config),
      subnets: IPAM.Config.map(pool => pool.Subnet).filter(Boolean),
    }
  })
  return networks.sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1,
  )
}

/**
 * Engine 1.9 wrote the gateway with its prefix length. That of a network that spans nodes is no address of this one: an
 * overlay has it on a bridge in a namespace of its own.
 */
function gatewaysOf(pools: ListedNetwork['IPAM']['Config']): readonly string[] {
  return pools.map(pool => canonical(pool.Gateway.replace(/\/.*/, ''))).filter(Boolean)
}

/** The network of Swarm's routing mesh. */
export function isIngress({ Ingress, Name, Scope }: ListedNetwork): boolean {
  return Ingress || (Name === 'ingress' && Scope === 'swarm')
}

/** The bridge by which a node meets the routing mesh, whose sandbox is on it too; every Swarm calls it so. */
export const meetingBridge = 'docker_gwbridge'

/** Ids of the networks of the routing mesh: its own, and the bridge by which the node meets it. None where there is no mesh. */
export function meshOf(listed: readonly ListedNetwork[]): readonly string[] {
  if (!listed.some(isIngress)) return []
  const isMesh = (network: ListedNetwork) => isIngress(network) || network.Name === meetingBridge
  return listed.filter(isMesh).map(({ Id }) => Id)
}

function spansNodes(driver: string, scope: string): boolean {
  return scope === 'swarm' || scope === 'global' || driver === 'overlay'
}

/**
 * A bridge that the operator told not to hide its addresses behind the node's: they leave it as they are, and others reach
 * them (routed networks, as Calico and flannel make on plain engines).
 */
function isRouted({ Driver, Options }: ListedNetwork): boolean {
  const option = (name: string) => Options[`com.docker.network.bridge.${name}`]
  const isPlain = option('enable_ip_masquerade') === 'false'
  return Driver === 'bridge' && (isPlain || option('gateway_mode_ipv4') === 'routed')
}

/**
 * Addresses of this node's load balancers on a network, which the engine lists as containers that are none:
 * `ingress-sbox` on the routing mesh's network and on `docker_gwbridge`, `lb-<network>` on others (since 18.06).
 */
export function balancersOf({ Containers }: InspectedNetwork): readonly string[] {
  const balancers = Object.entries(Containers).filter(([key]) => /^(ingress-sbox$|lb-)/.test(key))
  return balancers
    .flatMap(([, { IPv4Address, IPv6Address }]) => [IPv4Address, IPv6Address])
    .map(address => canonical(address.replace(/\/.*/, '')))
    .filter(Boolean)
    .slice(0, balancersMax)
}

/** The networks with the balancers that are known of them. */
export function addBalancers(
  networks: readonly Network[],
  known: ReadonlyMap<string, readonly string[]>,
): readonly Network[] {
  return networks.map(network => {
    const balancers = known.get(network.id) ?? []
    return balancers.length === 0 ? network : { ...network, balancers }
  })
}

/**
 * The gateways that containers say they use, by network id. The list of networks does not tell those that the engine
 * chose by itself (no `Gateway` in IPAM), the containers on it do.
 */
export function addGateways(
  networks: readonly Network[],
  containers: Iterable<Inspected>,
): readonly Network[] {
  const used = new Map<string, Set<string>>()
  for (const container of containers) {
    for (const attached of Object.values(container.NetworkSettings.Networks)) {
      const gateways = used.get(attached.NetworkID) ?? new Set()
      for (const ip of [attached.Gateway, attached.IPv6Gateway])
        if (ip !== '') gateways.add(canonical(ip))
      used.set(attached.NetworkID, gateways)
    }
  }
  return networks.map(network => {
    const gateways = [...new Set([...network.gateways, ...(used.get(network.id) ?? [])])]
    return gateways.length === network.gateways.length ? network : { ...network, gateways }
  })
}
