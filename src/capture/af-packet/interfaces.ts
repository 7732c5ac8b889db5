import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Passage } from './filter.ts'

/** What /sys/class/net and the addresses tell about one interface. */
export interface Interface {
  readonly name: string
  readonly index: number
  /** The index of its lower or opposite interface; its own when it has none. */
  readonly peerIndex: number
  /** `vlan`, `bridge`, `vxlan`, `macvlan`, ...; empty for hardware and veth. */
  readonly deviceType: string
  /** ARPHRD_ number: 1 Ethernet, 768 IPIP, 776 SIT, 778 GRE, 772 loopback. */
  readonly hardwareType: number
  readonly isHardware: boolean
  readonly isBridge: boolean
  /** It shows packets of other interfaces of this namespace, which show them too. */
  readonly isLayered: boolean
  /** It has an address that is part of a network: the node speaks through it. */
  readonly hasNetwork: boolean
}

const tunnelDevices = new Set(['vxlan', 'geneve', 'gre', 'gretap', 'ipip'])
/** ARPHRD_TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE. */
const tunnelHardware = new Set([768, 769, 776, 778, 823])
/** Intermediate functional blocks: traffic shaping sends packets of other interfaces through them. */
const shaper = /^ifb\d/
const linkLocal = /^(169\.254\.|fe80:)/i

/**
 * Indexes of the interfaces of the node's namespace whose packets are seen elsewhere too: in a container's own
 * namespace (its veth pair, the bridge), on the interface below (VLAN, bond, macvlan) or once unpacked (tunnels).
 */
export function listForwardingInterfaces(folder = '/sys/class/net'): number[] {
  return readInterfaces(folder)
    .filter(isForwarding)
    .map(({ index }) => index)
    .sort((a, b) => a - b)
}

/**
 * Where the node itself speaks with these addresses, over a bridge whose interfaces are ignored otherwise: nothing else
 * shows what it says to them. IPv4 only.
 */
export function listPassages(
  others: readonly string[],
  ignored: readonly number[],
  folder = '/sys/class/net',
): Passage[] {
  if (others.length === 0) return []
  const own = Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.map(({ address, cidr }) => ({ name, address, cidr })),
  )
  return others.flatMap(there => {
    const near = own.find(({ cidr }) => cidr !== null && isWithin(there, cidr))
    const bridge = near && readNumber(folder, near.name, 'ifindex')
    if (bridge === undefined || !ignored.includes(bridge)) return []
    return [{ bridge, here: near!.address, there }]
  })
}

function isWithin(ip: string, cidr: string): boolean {
  const [base, bits] = cidr.split('/')
  if (!isIPv4(ip) || !isIPv4(base)) return false
  const network = new BlockList()
  network.addSubnet(base, Number(bits))
  return network.check(ip)
}

/** True for an interface that only passes on what others show as well. */
export function isForwarding(interfaceFound: Interface): boolean {
  const { name, deviceType, hardwareType, isBridge, isLayered } = interfaceFound
  if (isBridge || isLayered || shaper.test(name)) return true
  if (tunnelDevices.has(deviceType) || tunnelHardware.has(hardwareType)) return true
  return isVeth(interfaceFound) && !interfaceFound.hasNetwork
}

/**
 * A veth names no device type but has an opposite. One with an address of a network is no container's:
 * the node itself is in a container (kind, Docker in Docker), and this is its way out.
 */
function isVeth({ deviceType, hardwareType, isHardware, index, peerIndex }: Interface): boolean {
  return deviceType === '' && hardwareType === 1 && !isHardware && peerIndex !== index
}

/** Every interface that sysfs shows: those of the namespace in which it was mounted. */
export function readInterfaces(folder: string): Interface[] {
  const addresses = networkInterfaces()
  return namesIn(folder).flatMap(name => {
    const index = readNumber(folder, name, 'ifindex')
    if (index === undefined) return []
    const entries = namesIn(join(folder, name))
    return {
      name,
      index,
      peerIndex: readNumber(folder, name, 'iflink') ?? index,
      deviceType: /^DEVTYPE=(.+)$/m.exec(readText(folder, name, 'uevent'))?.[1] ?? '',
      hardwareType: readNumber(folder, name, 'type') ?? 0,
      isHardware: existsSync(join(folder, name, 'device')),
      isBridge: entries.includes('bridge'),
      isLayered: entries.some(entry => entry.startsWith('lower_')),
      hasNetwork: (addresses[name] ?? []).some(({ address, netmask }) =>
        isOfNetwork(address, netmask),
      ),
    }
  })
}

/** A host route (/32, /128), as some container networks put on each veth, is no network. */
function isOfNetwork(address: string, netmask: string): boolean {
  const isHostRoute = /^(255\.255\.255\.255|ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff)$/i
  return !linkLocal.test(address) && !isHostRoute.test(netmask)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // An interface that went away meanwhile, or a machine without sysfs: nothing is to be left out.
    return []
  }
}

function readText(...path: string[]): string {
  try {
    return readFileSync(join(...path), 'utf8')
  } catch {
    // As above; some attributes also refuse to be read while an interface is down.
    return ''
  }
}

function readNumber(...path: string[]): number | undefined {
  const text = readText(...path).trim()
  return text === '' ? undefined : Number(text)
}
