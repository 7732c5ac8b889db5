import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { run, waitFor } from './command.ts'
import { load, nginxImage, nodeImage } from './image.ts'
import type { Machine, Machines } from './machines.ts'
import type { Mesos } from './mesos.ts'
import type { TaskNetwork } from './mesos-words.ts'
import { startProgram } from './program.ts'
import { readTruth, type TrueLink } from './truth.ts'

/** A network of Docker's on each node, whose addresses the nodes route to each other; and one wire for all nodes. */
export const networks = {
  bridge: { mode: 'bridge' },
  host: { mode: 'host' },
  routed: { mode: 'container', name: 'routed', isPublished: true },
  wire: { mode: 'container', name: 'wire', isPublished: false },
} as const satisfies Record<string, TaskNetwork>
export type NetworkName = keyof typeof networks

/** Whose tasks call: an app on such a network, a task of another framework, a process of the node, somebody outside. */
export type Caller = NetworkName | 'batch' | 'process' | 'outside'

/** Calls that the callers on a node make to one URL. */
export interface Errand {
  readonly caller: Caller
  readonly on: Machine
  readonly url: string
  /** The service that answers, as Inkling names it. */
  readonly server: string
}

/** Not Marathon's: known by the master only. */
export const framework = 'batch'
export const servicePort = 10_001

/**
 * The lab's machines are process namespaces: of a container within one the kernel does not tell who opened a connection, as
 * it does on a real machine. With the node's own process numbers it does.
 */
const nodesPids = [{ key: 'pid', value: 'host' }]

const callsPerTarget = 20
const ratePerTarget = 5
/** Listeners that nobody told of are looked for every five seconds. */
const delayMs = 5500
const readyMs = 30_000
const callMs = 90_000
const routedNet = (number: number): string => `172.31.${number}.0/24`
const wireNet = '10.67.0'
const bounded = ['bridge', 'near', 'routed', 'wire', 'behind'] as const

/** Apps on each node, on every kind of network, and balancers before some of them. */
export class MarathonStage {
  readonly mesos: Mesos

  constructor(mesos: Mesos) {
    this.mesos = mesos
  }

  get machines(): Machines {
    return this.mesos.machines
  }

  /** Starts the servers and waits until they listen. */
  async set(): Promise<void> {
    const { nodes } = this.machines
    for (const image of [nodeImage, nginxImage]) await load(nodes, image)
    await createNetworks(this.machines)
    await Promise.all(nodes.map(node => this.#startServers(node)))
    await Promise.all(nodes.map(node => this.#startBalancer(node)))
    for (const node of nodes) await this.#waitForListeners(node)
  }

  /** Everybody calls at once. Gives the calls as callers and balancers wrote them down. */
  async call(errands: readonly Errand[]): Promise<readonly TrueLink[]> {
    const callers = Map.groupBy(errands, ({ caller, on }) => callerId(caller, on))
    const ending = [...callers.values()].map(mine => this.#send(mine))
    await Promise.all(ending)
    return readTruth(this.mesos.truthDir).links
  }

  async #startServers(node: Machine): Promise<void> {
    const nginx = { image: nginxImage.name, ports: [80] }
    const on = (name: string) =>
      name in networks ? networks[name as NetworkName] : networks.bridge
    const apps = bounded.map(name => ({
      ...{ ...nginx, id: `/servers/${name}-${node.name}`, network: on(name) },
    }))
    const host = {
      ...{ id: `/servers/host-${node.name}`, image: nodeImage.name, args: ['/app/hello.ts'] },
      ...{ network: networks.host, ports: [0] },
    }
    const report = { ...nginx, id: `report-${node.name}`, framework, network: networks.bridge }
    for (const app of [...apps, host, report]) await this.mesos.run(app, [node])
  }

  /** As marathon-lb: on the host's network, a port for each app, and the ports of its tasks behind. */
  async #startBalancer(node: Machine): Promise<void> {
    const { place, nodes } = this.machines
    const id = `/balancers/${node.name}`
    const behind = nodes.map((each, i) => ({
      port: servicePort + i,
      task: this.mesos.hostPort(`/servers/behind-${each.name}`, each),
      server: `marathon:/servers/behind-${each.name}`,
    }))
    const config = join(place.dir, `balancer-${node.name}.conf`)
    writeFileSync(config, balancerConfig(`marathon:${id}`, node.name, behind))
    const volumes = [`${config}:/etc/nginx/nginx.conf`]
    const ports = behind.map(({ port }) => port)
    const what = { image: nginxImage.name, network: networks.host, volumes }
    const own = { ports, requirePorts: true, parameters: nodesPids }
    await this.mesos.run({ id, ...what, ...own }, [node])
  }

  async #waitForListeners(node: Machine): Promise<void> {
    const own = Number(this.mesos.hostPort(`/servers/host-${node.name}`, node).split(':')[1])
    for (const port of [own, servicePort]) {
      const ask = async () => {
        const said = await run(node.inside('ss', '-Hltn', `sport = :${port}`))
        return said.trim() === '' ? undefined : true
      }
      await waitFor(ask, readyMs, () => `nothing listens on port ${port} of ${node.name}`)
    }
  }

  /** Starts whoever runs these errands, and waits until they are done. */
  async #send(errands: readonly Errand[]): Promise<void> {
    const [{ caller, on }] = errands
    const self = callerId(caller, on)
    const name = `${caller}-${on.name}`
    const settings = {
      SELF: self,
      TARGETS: JSON.stringify(errands.map(targetOf)),
      RATE: String(ratePerTarget * errands.length),
      SECONDS: String(callsPerTarget / ratePerTarget),
      DELAY_MS: String(delayMs),
      KEEPALIVE: '0',
    }
    if (caller === 'process' || caller === 'outside') {
      const env = { ...settings, TRUTH: join(this.mesos.truthDir, `${name}.jsonl`) }
      const { inside } = caller === 'outside' ? this.machines.outside : on
      const program = { name: `caller-${on.name}`, app: 'load.ts', env, inside }
      await once(startProgram(this.machines.place, program), 'exit')
      return
    }
    const isBatch = caller === 'batch'
    const id = isBatch ? `job-${on.name}` : `/clients/${name}`
    const what = { image: nodeImage.name, args: ['/app/load.ts'] }
    const env = { ...settings, TRUTH: `/truth/${name}.jsonl` }
    const network = networks[isBatch ? 'bridge' : caller]
    const parameters = caller === 'host' ? nodesPids : []
    const more = { env, network, parameters, ...(isBatch ? { framework } : {}) }
    await this.mesos.run({ id, ...what, ...more }, [on])
    const timeout = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`${id} did not end`)), callMs).unref(),
    )
    await Promise.race([this.mesos.ended(id), timeout])
  }
}

const targetOf = ({ url, server }: Errand, _: number, all: readonly Errand[]): Target => ({
  ...{ method: 'GET', url, server, share: 1 / all.length },
})

/** Who calls, as Inkling names it. */
export function callerId(caller: Caller, on: Machine): string {
  if (caller === 'outside') return 'internet'
  if (caller === 'process') return `process:caller-${on.name}`
  if (caller === 'batch') return `mesos:${framework}:job-${on.name}`
  return `marathon:/clients/${caller}-${on.name}`
}

/** Each call is written down as it was handed on. */
function balancerConfig(
  self: string,
  name: string,
  behind: readonly { port: number; task: string; server: string }[],
): string {
  const call = {
    ...{ atUs: 0, client: self, server: '$server_behind', protocol: 'http' },
    ...{ method: '$request_method', status: '$upstream_status', outcome: 'ok' },
  }
  const servers = behind.map(({ port, task }) => {
    return `server { listen ${port}; location / { proxy_pass http://${task}; } }`
  })
  return `user root; worker_processes 1; error_log /dev/stderr;
events {}
http {
map $server_port $server_behind { ${behind.map(({ port, server }) => `${port} ${server};`).join(' ')} }
log_format truth escape=none '${JSON.stringify(call)}';
access_log /truth/balancer-${name}.jsonl truth;
${servers.join('\n')}
}
`
}

async function createNetworks({ nodes, wire }: Machines): Promise<void> {
  await run(wire.inside('ip', 'address', 'add', `${wireNet}.1/24`, 'dev', 'wire'))
  await run(wire.inside('sh', '-ec', 'echo 0 | tee /proc/sys/net/ipv4/conf/*/send_redirects'))
  for (const [i, node] of nodes.entries()) {
    const bridge = 'com.docker.network.bridge'
    const plain = [
      `${bridge}.enable_ip_masquerade=false`,
      `${bridge}.gateway_mode_ipv4=nat-unprotected`,
    ]
    const options = plain.flatMap(option => ['--opt', option])
    const { name } = networks.routed
    await node.docker('network', 'create', '--subnet', routedNet(i + 1), ...options, name)
    await node.docker(
      ...['network', 'create', '--driver', 'macvlan', '--opt', 'parent=eth0'],
      ...['--subnet', `${wireNet}.0/24`, '--gateway', `${wireNet}.1`],
      ...['--ip-range', `${wireNet}.${16 * (i + 1)}/28`, networks.wire.name],
    )
    await run(node.inside('iptables', '-I', 'FORWARD', '-d', '172.31.0.0/16', '-j', 'ACCEPT'))
    await run(node.inside('iptables', '-I', 'FORWARD', '-s', '172.31.0.0/16', '-j', 'ACCEPT'))
    for (const [j, { address }] of nodes.entries()) {
      if (j !== i) await run(node.inside('ip', 'route', 'add', routedNet(j + 1), 'via', address))
    }
  }
}
