import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, waitFor } from './command.ts'
import { load, nginxImage, nodeImage } from './image.ts'
import type { Machine } from './machines.ts'
import { startProgram } from './program.ts'
import type { Swarm } from './swarm.ts'
import { balance } from './swarm-balancer.ts'
import { linksOf, parseCalls, type TrueLink } from './truth.ts'

/** Who makes the calls: a task of a Swarm service, a plain container, a process of the node, or somebody outside. */
export type Caller = 'task' | 'container' | 'process' | 'outside'

/** Calls that one client makes. */
export interface SwarmErrand {
  readonly name: string
  readonly caller: Caller
  /** Where the caller is; nowhere when it is outside. */
  readonly on?: Machine
  readonly url: string
  /** The service that answers, as Inkling names it. */
  readonly server: string
  /** For `docker service create` or `docker run`: the network above all. */
  readonly options?: readonly string[]
}

/** Servers of every kind on each node of a Swarm, and clients at command. */
export interface SwarmStage {
  readonly swarm: Swarm
  /** Makes the calls; gives the links they made. */
  call(errand: SwarmErrand): Promise<TrueLink[]>
}

export interface SwarmStageOptions {
  readonly calls?: number
  /** How long a client waits before its first call: whoever watches must have found it by then. */
  readonly delayMs?: number
}

/** Of every node: host-mode publishing, its host network, its own process. */
export const ports = { open: 5080, host: 5081, process: 5082 } as const
/** Overlays with names that lead to all tasks and with virtual addresses, macvlan, and a bridge of equal addresses. */
export const networks = { shop: 'shop', virtual: 'virtual', wire: 'wire', twins: 'twins' } as const
/** On each node the same. */
export const twins = { server: '172.30.0.10', client: '172.30.0.20', server6: 'fd30::10' } as const
/** Through the mesh, any node's port leads to the one task. */
export const meshPort = (node: Machine): number => 5090 + Number(node.name.slice(1))

const readyMs = 60_000
const callMs = 60_000
const wireNet = '10.67.0'

/** Starts the servers on every node and waits until they listen. */
export async function setSwarmStage(
  swarm: Swarm,
  { calls = 20, delayMs = 3000 }: SwarmStageOptions = {},
): Promise<SwarmStage> {
  for (const image of [nodeImage, nginxImage]) await load(swarm.nodes, image)
  mkdirSync(truthDir(swarm), { recursive: true })
  await createNetworks(swarm)
  await Promise.all(swarm.nodes.map(node => startServers(swarm, node)))
  const spread = ['--replicas', String(swarm.nodes.length), '--replicas-max-per-node', '1']
  await addService(swarm, 'virtual', [...spread, '--network', networks.virtual], [nginxImage.name])
  await waitForServices(swarm)
  await balance(swarm, [networks.virtual])
  const settings = { COUNT: String(calls), DELAY_MS: String(delayMs) }
  return { swarm, call: errand => call(swarm, settings, errand) }
}

async function createNetworks({ nodes, manager }: Swarm): Promise<void> {
  const overlay = ['network', 'create', '--driver', 'overlay', '--attachable']
  await manager.docker(...overlay, networks.shop)
  await manager.docker(...overlay, networks.virtual)
  for (const [i, { docker }] of nodes.entries()) {
    const range = ['--subnet', `${wireNet}.0/24`, '--ip-range', `${wireNet}.${16 * (i + 1)}/28`]
    const parent = ['--opt', 'parent=eth0']
    await docker('network', 'create', '--config-only', ...range, ...parent, 'wire-of-node')
    const two = ['--subnet', '172.30.0.0/24', '--ipv6', '--subnet', 'fd30::/64']
    await docker('network', 'create', ...two, networks.twins)
  }
  const wide = ['--driver', 'macvlan', '--scope', 'swarm', '--config-from', 'wire-of-node']
  await manager.docker('network', 'create', ...wide, '--attachable', networks.wire)
}

async function startServers(swarm: Swarm, node: Machine): Promise<void> {
  const service = (name: string, options: readonly string[], image: readonly string[]) =>
    createService(swarm, node, `${name}-${node.name}`, options, image)
  const dnsrr = ['--endpoint-mode', 'dnsrr']
  const nginx = [nginxImage.name]
  const hello = [nodeImage.name, '/app/hello.ts']
  const open = ['--publish', `mode=host,published=${ports.open},target=80`]
  const mesh = ['--publish', `published=${meshPort(node)},target=80`]
  await service('web', ['--network', networks.shop, ...dnsrr], nginx)
  await service('virtual', ['--network', networks.virtual], nginx)
  await service('mesh', mesh, nginx)
  await service('open', ['--network', networks.shop, ...dnsrr, ...open], nginx)
  await service('wire', ['--network', networks.wire, ...dnsrr], nginx)
  await service('host', ['--network', 'host', '--env', `PORT=${ports.host}`], hello)
  const twin = ['--network', networks.twins, '--ip', twins.server, '--ip6', twins.server6]
  await node.docker('run', '-d', '--name', `twin-${node.name}`, ...twin, ...hello)
  const env = { PORT: String(ports.process), ADDRESS: '::' }
  const name = `server-${node.name}`
  startProgram(swarm.place, { name, app: 'hello.ts', env, inside: node.inside })
}

/** A service of one task on that node. */
export function createService(
  swarm: Swarm,
  node: Machine,
  name: string,
  options: readonly string[],
  image: readonly string[],
): Promise<void> {
  const where = ['--constraint', `node.hostname==${node.name}`]
  return addService(swarm, name, [...where, ...options], image)
}

export async function addService(
  { manager }: Swarm,
  name: string,
  options: readonly string[],
  image: readonly string[],
): Promise<void> {
  const how = ['--detach', '--no-resolve-image', '--stop-grace-period', '1s']
  await manager.docker('service', 'create', '--name', name, ...how, ...options, ...image)
}

/** Until every service has all its tasks, and the nodes' own servers listen. */
async function waitForServices({ manager, nodes }: Swarm): Promise<void> {
  const missing = async () => {
    const said = await manager.docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}')
    return said.split('\n').filter(line => /\S/.test(line) && !/ (\d+)\/\1\b/.test(line))
  }
  let late: string[] = []
  const ask = async () => {
    late = await missing()
    return late.length === 0 ? true : undefined
  }
  await waitFor(ask, readyMs, () => `services did not start: ${late.join('; ')}`)
  for (const { inside } of nodes) {
    const listens = (port: number) => async () =>
      (await run(inside('ss', '-Hltn', `sport = :${port}`))).trim() === '' ? undefined : true
    for (const port of Object.values(ports))
      await waitFor(listens(port), readyMs, () => `nothing listens on port ${port}`)
  }
}

const truthDir = ({ place }: Swarm): string => join(place.dir, 'truth')
const idOf = ({ name, caller }: SwarmErrand): string =>
  ({ task: `swarm:${name}`, container: `container:${name}`, process: `process:${name}` })[
    caller as 'task'
  ] ?? 'internet'

async function call(
  swarm: Swarm,
  settings: Record<string, string>,
  errand: SwarmErrand,
): Promise<TrueLink[]> {
  const { name, url, server } = errand
  const asked = { ...settings, SELF: idOf(errand), SERVER: server, URL: url }
  await send(swarm, errand, asked)
  const path = join(truthDir(swarm), `${name}.jsonl`)
  const read = () => (existsSync(path) ? parseCalls(readFileSync(path, 'utf8')) : [])
  const all = () => (read().length >= Number(settings.COUNT) ? true : undefined)
  await waitFor(all, callMs, () => `${name} made ${read().length} of its calls`)
  return linksOf(read())
}

/** Starts whoever runs the errand. */
async function send(
  swarm: Swarm,
  { name, caller, on = swarm.manager, options = [] }: SwarmErrand,
  asked: Record<string, string>,
): Promise<void> {
  const { place, outside } = swarm
  const file = `${name}.jsonl`
  if (caller === 'process' || caller === 'outside') {
    const env = { ...asked, TRUTH: join(truthDir(swarm), file) }
    const { inside } = caller === 'outside' ? outside : on
    startProgram(place, { name, app: 'calls.ts', env, inside })
    return
  }
  const env = { ...asked, TRUTH: `/truth/${file}` }
  const told = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const mount = ['--mount', `type=bind,source=${truthDir(swarm)},target=/truth`]
  const image = [nodeImage.name, '/app/calls.ts']
  const all = [...options, ...mount, ...told]
  if (caller === 'container') {
    await on.docker('run', '-d', '--name', name, ...all, ...image)
  } else {
    await createService(swarm, on, name, ['--restart-condition', 'none', ...all], image)
  }
}
