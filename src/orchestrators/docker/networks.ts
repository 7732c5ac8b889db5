import type { Network } from '#model/network.ts'
import { canonical } from './instance.ts'
import type { Inspected, ListedNetwork } from './shape.ts'

const networksMax = 1024

/** An engine's networks, ordered by name. */
export function networksOf(listed: readonly ListedNetwork[]): readonly Network[] {
  const networks = listed.slice(0, networksMax).map(({ Id, Name, Driver, IPAM }) => ({
    id: Id,
    name: Name,
    driver: Driver,
    // Engine 1.9 wrote the gateway with its prefix length.
    gateways: IPAM.Config.map(pool => canonical(pool.Gateway.replace(/\/.*/, ''))).filter(Boolean),
    subnets: IPAM.Config.map(pool => pool.Subnet).filter(Boolean),
  }))
  return networks.sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1,
  )
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
