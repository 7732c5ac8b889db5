import { run } from './command.ts'
import type { Machine } from './machines.ts'
import { startProgram } from './program.ts'
import type { Swarm } from './swarm.ts'

/**
 * What IPVS does in a Swarm, done by nftables: this kernel has no IPVS, and the engine leaves out all that goes with it. The
 * sandboxes are the engine's own, and so are their addresses and the rules in the tasks; balancing, and the rules that
 * the engine would have written beside it (libnetwork 20.10, service_linux.go), are written here, in the same places.
 */
export async function balance(swarm: Swarm, networks: readonly string[]): Promise<void> {
  const services = await readServices(swarm)
  const ids = await Promise.all(networks.map(name => idOf(swarm, name)))
  const ingress = await idOf(swarm, 'ingress')
  await Promise.all(
    swarm.nodes.map(async node => {
      for (const id of ids) await balanceNetwork(node, id, services)
      await balanceIngress(node, ingress, services)
    }),
  )
}

interface BalancedService {
  readonly virtual: readonly { readonly network: string; readonly ip: string }[]
  readonly published: readonly number[]
  /** Of all tasks that run. */
  readonly addresses: readonly { readonly network: string; readonly ip: string }[]
}

interface ServiceJson {
  readonly ID: string
  readonly Endpoint: {
    /** The host network's has no address. */
    readonly VirtualIPs?: readonly { NetworkID: string; Addr?: string }[]
    readonly Ports?: readonly { PublishedPort: number; PublishMode: string }[]
  }
}

interface TaskJson {
  readonly ServiceID: string
  readonly Status: { readonly State: string }
  readonly NetworksAttachments?: readonly { Network: { ID: string }; Addresses?: string[] }[]
}

async function readServices({ manager }: Swarm): Promise<BalancedService[]> {
  const listed = async (...what: string[]) =>
    (await manager.docker(...what)).split('\n').filter(Boolean)
  const services = await listed('service', 'ls', '-q')
  const tasks = await listed('service', 'ps', '-q', '-f', 'desired-state=running', ...services)
  const inspect = async (...ids: string[]) => JSON.parse(await manager.docker('inspect', ...ids))
  const told: ServiceJson[] = await inspect(...services)
  const running: TaskJson[] = await inspect(...tasks)
  return told.map(({ ID, Endpoint: { VirtualIPs = [], Ports = [] } }) => ({
    virtual: VirtualIPs.flatMap(({ NetworkID, Addr }) =>
      Addr ? [{ network: NetworkID, ip: bare(Addr) }] : [],
    ),
    published: Ports.filter(port => port.PublishMode === 'ingress').map(port => port.PublishedPort),
    addresses: running
      .filter(({ ServiceID, Status }) => ServiceID === ID && Status.State === 'running')
      .flatMap(({ NetworksAttachments = [] }) => NetworksAttachments)
      .flatMap(({ Network, Addresses = [] }) =>
        Addresses.map(address => ({ network: Network.ID, ip: bare(address) })),
      ),
  }))
}

const bare = (address: string): string => address.split('/')[0]

const idOf = async ({ manager }: Swarm, network: string): Promise<string> =>
  (await manager.docker('network', 'inspect', network, '--format', '{{.Id}}')).trim()

/** The load balancer's sandbox of a network on a node: behind it callers have its own address. */
async function balanceNetwork(
  node: Machine,
  network: string,
  services: readonly BalancedService[],
): Promise<void> {
  const sandbox = `lb_${network.slice(0, 9)}`
  const virtual = services.flatMap(service =>
    service.virtual
      .filter(address => address.network === network)
      .map(({ ip }) => ({ ip, tasks: tasksOn(service, network) })),
  )
  const aliases = virtual.map(({ ip }) => `ip address replace ${ip}/32 dev eth0`)
  const rules = virtual.map(({ ip, tasks }) => `ip daddr ${ip} ${toOneOf(tasks)}`)
  await enter(node, sandbox, [...aliases, ...translate(rules)])
}

/** The way of a published port on every node: into the ingress sandbox, and from there to a task. */
async function balanceIngress(
  node: Machine,
  network: string,
  services: readonly BalancedService[],
): Promise<void> {
  const rules = services.flatMap(service =>
    service.published.map(port => `tcp dport ${port} ${toOneOf(tasksOn(service, network))}`),
  )
  await enter(node, 'ingress_sbox', translate(rules))
  const published = services.flatMap(service => service.published)
  await run(node.inside('sh', '-ec', hostScript(published)))
  // The engine keeps the ports that it publishes from others by listening on them itself.
  const env = { PORTS: published.join(' ') }
  startProgram(node.place, { name: 'dockerd', app: 'listen.ts', env, inside: node.inside })
}

const tasksOn = ({ addresses }: BalancedService, network: string): string[] =>
  addresses.filter(address => address.network === network).map(({ ip }) => ip)

/** Round robin; to nobody while there is no task. */
const toOneOf = (tasks: readonly string[]): string =>
  tasks.length === 0
    ? 'drop'
    : `dnat to numgen inc mod ${tasks.length} map { ${tasks.map((ip, i) => `${i} : ${ip}`).join(', ')} }`

/** To a task, from the sandbox's own address on the overlay. */
const translate = (rules: readonly string[]): string[] => [
  'echo 1 > /proc/sys/net/ipv4/ip_forward',
  'for all in all eth0; do echo 0 > /proc/sys/net/ipv4/conf/$all/send_redirects; done',
  "own=$(ip -o -4 address show eth0 | awk '{print $4; exit}')",
  'nft delete table ip balancer 2>/dev/null || true',
  `nft -f - <<END
table ip balancer {
  chain in { type nat hook prerouting priority -100; ${rules.join('; ')}; }
  chain out { type nat hook postrouting priority 100; ip daddr $own snat to \${own%/*}; }
}
END`,
]

async function enter(node: Machine, sandbox: string, lines: readonly string[]): Promise<void> {
  const net = `--net=/run/docker/netns/${sandbox}`
  await run(node.inside('nsenter', net, 'sh', '-ec', lines.join('\n')))
}

const hostScript = (ports: readonly number[]): string => `
sandbox=$(nsenter --net=/run/docker/netns/ingress_sbox ip -o -4 address show eth1 | awk '{sub("/.*", "", $4); print $4; exit}')
for table in nat filter; do
  iptables -t $table -N DOCKER-INGRESS 2>/dev/null || iptables -t $table -F DOCKER-INGRESS
done
once() { table=$1; how=$2; shift 2; iptables -t $table -C "$@" 2>/dev/null || iptables -t $table $how "$@"; }
once nat -I OUTPUT -m addrtype --dst-type LOCAL -j DOCKER-INGRESS
once nat -I PREROUTING -m addrtype --dst-type LOCAL -j DOCKER-INGRESS
once filter -I FORWARD -j DOCKER-INGRESS
once nat -A POSTROUTING -m addrtype --src-type LOCAL -o docker_gwbridge -j MASQUERADE
echo 1 > /proc/sys/net/ipv4/conf/docker_gwbridge/route_localnet
for port in ${ports.join(' ')}; do
  iptables -t nat -A DOCKER-INGRESS -p tcp --dport $port -j DNAT --to-destination $sandbox:$port
  iptables -A DOCKER-INGRESS -p tcp --sport $port -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
  iptables -A DOCKER-INGRESS -p tcp --dport $port -j ACCEPT
done
iptables -t nat -A DOCKER-INGRESS -j RETURN
iptables -A DOCKER-INGRESS -j RETURN
`
