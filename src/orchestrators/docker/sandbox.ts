import { BlockList, isIP } from 'node:net'
import type { Network } from '#model/network.ts'
import type { Address } from '#model/service.ts'
import { addressesIn } from '../namespace-addresses.ts'
import { containersOf, namespaceOf, readProc } from '../proc.ts'
import { addressesOf, type Seen, unseen } from './instance.ts'
import type { Inspected } from './shape.ts'

/** Addresses read of one namespace. */
const addressesMax = 64

/**
 * What the node's proc file system tells of a container: its network namespace, and the addresses in it. The engine does
 * not tell them all: Swarm puts a task on `docker_gwbridge`, weave and CNI plugins add interfaces of their own.
 *
 * The engine's pid is the engine's view: an agent that does not see the node's processes could find somebody else under
 * that number, so the process must show that it is in this container: by its control group, or by an address that the
 * engine tells of it.
 */
export function sandboxOf(
  procRoot: string,
  { Id, State, NetworkSettings }: Inspected,
  networks: readonly Network[],
): Seen {
  const pid = State.Pid
  if (!(pid > 0)) return unseen
  const groups = readProc(`${procRoot}/${pid}/cgroup`)
  const namespace = namespaceOf(procRoot, pid)
  if (groups === undefined || namespace === undefined) return unseen
  const told = addressesOf(NetworkSettings)
  const ips = namespace === namespaceOf(procRoot, 1) ? [] : addressesIn(procRoot, pid)
  const holds = () => told.length === 0 || told.some(({ ip }) => ips.includes(ip))
  if (!(belongs(groups, Id) ?? holds())) return unseen
  const addresses = ips.slice(0, addressesMax).map(ip => placed(ip, namespace, networks))
  return { namespace, addresses }
}

/** Whether control groups are a container's; undefined when they name none: engines run without them too. */
function belongs(groups: string, containerId: string): boolean | undefined {
  const containers = containersOf(groups)
  return containers.length === 0 ? undefined : containers.includes(containerId)
}

/** The address in the network whose subnet it is from; else it is known in its own namespace only. */
function placed(ip: string, namespace: string, networks: readonly Network[]): Address {
  const network = networks.find(({ subnets }) => subnets.some(subnet => contains(subnet, ip)))
  if (network === undefined) return { ip, network: `namespace:${namespace}` }
  return { ip, network: network.id, networkName: network.name }
}

function contains(subnet: string, ip: string): boolean {
  const [base, bits] = subnet.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(ip) || !(Number(bits) >= 0 && Number(bits) <= 128))
    return false
  const list = new BlockList()
  const kind = family === 6 ? 'ipv6' : 'ipv4'
  if (kind === 'ipv4' && Number(bits) > 32) return false
  list.addSubnet(base, Number(bits), kind)
  return list.check(ip, kind)
}
