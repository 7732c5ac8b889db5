import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, waitFor } from './command.ts'
import type { Engine } from './engine.ts'
import { load, nginxImage, nodeImage } from './image.ts'
import { remember } from './place.ts'
import { startProgram } from './program.ts'
import { linksOf, parseCalls, type TrueLink } from './truth.ts'

/** Calls that one client makes: how many, to what, and whose it is. */
export interface Errand {
  /** Name of the container or process that calls. */
  readonly name: string
  readonly url: string
  /** The service that answers, as Inkling names it. */
  readonly server: string
  readonly method?: string
}

export interface ContainerErrand extends Errand {
  /** Further options for `docker run`: the network above all. */
  readonly options: readonly string[]
  /** A second network that it is attached to before it starts. */
  readonly second?: string
}

/** Servers that wait for the clients of the cases, in the places where servers are found. */
export interface Stage {
  readonly engine: Engine
  /** Ports that the node publishes or that its own processes listen on. */
  readonly ports: typeof ports
  /** The node's own address, as others reach it. */
  readonly hostAddress: string
  /** Makes the calls from a container of its own, which is removed after; gives the links it made. */
  fromContainer(errand: ContainerErrand): Promise<TrueLink[]>
  /** Makes the calls from within a container that is there. `id`: the service that it belongs to. */
  fromWithin(container: string, errand: Errand): Promise<TrueLink[]>
  fromHost(errand: Errand): Promise<TrueLink[]>
  fromOutside(errand: Errand): Promise<TrueLink[]>
}

/** How a stage is set. */
export interface StageOptions {
  /** Calls of each client. */
  readonly calls?: number
  /** How long a client waits before its first call: whoever watches must have found it by then. */
  readonly delayMs?: number
}

const ports = { published: 5080, hostContainer: 5081, hostProcess: 5082 } as const
/** User networks. `far` is published too, and reached from `near` only through the node. */
export const networks = { near: 'near', far: 'far', wire: 'wire', fixed: 'fixed' } as const
const readyMs = 20_000

/** Starts the servers and waits until they answer. The engine's tear-down takes them away. */
export async function setStage(engine: Engine, options: StageOptions = {}): Promise<Stage> {
  for (const image of [nodeImage, nginxImage]) await load(engine, image)
  mkdirSync(truthDir(engine), { recursive: true })
  await createNetworks(engine)
  await startServers(engine)
  const settings = { COUNT: String(options.calls ?? 20), DELAY_MS: String(options.delayMs ?? 3000) }
  return {
    engine,
    ports,
    hostAddress: engine.outside.nodeAddress,
    fromContainer: errand => fromContainer(engine, settings, errand),
    fromWithin: (container, errand) => fromWithin(engine, settings, container, errand),
    fromHost: errand => fromProgram(engine, settings, errand, 'host'),
    fromOutside: errand => fromProgram(engine, settings, errand, 'outside'),
  }
}

async function createNetworks(engine: Engine): Promise<void> {
  const { docker, pool } = engine
  const parent = await layWire(engine)
  await docker('network', 'create', networks.near)
  await docker('network', 'create', networks.far)
  await docker('network', 'create', '--subnet', `${pool}.121.0/24`, networks.fixed)
  const macvlan = ['--driver', 'macvlan', '--opt', `parent=${parent}`]
  await docker('network', 'create', ...macvlan, '--subnet', `${pool}.120.0/24`, networks.wire)
}

/** One end of a veth pair stands for the network card that macvlan containers sit on. */
async function layWire({ place, namespace }: Engine): Promise<string> {
  const [card, end] = [`ik${place.id}m`, `ik${place.id}n`]
  const ip = namespace ? ['ip', '-n', namespace] : ['ip']
  if (!namespace) remember(place, { kind: 'undo', command: ['ip', 'link', 'delete', card] })
  await run([...ip, 'link', 'add', card, 'type', 'veth', 'peer', 'name', end])
  for (const link of [card, end]) await run([...ip, 'link', 'set', link, 'up'])
  return card
}

async function startServers(engine: Engine): Promise<void> {
  const { docker, place, outside, inside } = engine
  const nginx = (name: string, ...options: string[]) =>
    docker('run', '-d', '--name', name, ...options, nginxImage.name)
  const node = (name: string, ...options: string[]) =>
    docker('run', '-d', '--name', name, ...options, nodeImage.name, '/app/hello.ts')
  await nginx('near-web', '--network', networks.near, '-p', `${ports.published}:80`)
  await nginx('far-web', '--network', networks.far)
  await nginx('wire-web', '--network', networks.wire)
  await nginx('fixed-web', '--network', networks.fixed)
  await node('alone', '--network', networks.near)
  await node('shared', '--network', networks.near)
  await node('host-web', '--network', 'host', '-e', `PORT=${ports.hostContainer}`)
  const env = { PORT: String(ports.hostProcess) }
  startProgram(place, { name: 'hostserver', app: 'hello.ts', env, inside })
  startProgram(place, { name: 'outserver', app: 'hello.ts', env: {}, inside: outside.inside })
  for (const port of Object.values(ports)) await waitForPort(inside, '127.0.0.1', port)
  await waitForPort(outside.inside, '127.0.0.1', 80)
}

/** Looks into the list of sockets rather than connecting, which would be a call that nobody told of. */
async function waitForPort(inside: Engine['inside'], ip: string, port: number): Promise<void> {
  const command = inside('ss', '-Hltn', `sport = :${port}`)
  const ask = async () => ((await run(command)).trim() === '' ? undefined : true)
  await waitFor(ask, readyMs, () => `nothing listens on ${ip}:${port} in the lab`)
}

const truthDir = ({ place }: Engine): string => join(place.dir, 'truth')

function settingsOf({ name, url, server, method }: Errand, self: string, truth: string) {
  return {
    SELF: self,
    SERVER: server,
    URL: url,
    METHOD: method ?? 'GET',
    TRUTH: `${truth}/${name}.jsonl`,
  }
}

const asOptions = (env: Record<string, string>): string[] =>
  Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])

async function fromContainer(
  engine: Engine,
  settings: Record<string, string>,
  errand: ContainerErrand,
): Promise<TrueLink[]> {
  const { docker } = engine
  const { name, options, second } = errand
  const env = asOptions({ ...settings, ...settingsOf(errand, `container:${name}`, '/truth') })
  const mount = ['-v', `${truthDir(engine)}:/truth`]
  const what = [nodeImage.name, '/app/calls.ts']
  await docker('create', '--name', name, ...mount, ...env, ...options, ...what)
  if (second) await docker('network', 'connect', second, name)
  await docker('start', name)
  await docker('wait', name)
  await docker('rm', '-f', name)
  return readLinks(engine, errand)
}

async function fromWithin(
  engine: Engine,
  settings: Record<string, string>,
  container: string,
  errand: Errand,
): Promise<TrueLink[]> {
  const env = { ...settings, ...settingsOf(errand, `container:${container}`, '/tmp') }
  await engine.docker('exec', ...asOptions(env), container, '/usr/bin/node', '/app/calls.ts')
  const told = await engine.docker('exec', container, 'cat', `/tmp/${errand.name}.jsonl`)
  return linksOf(parseCalls(told))
}

async function fromProgram(
  engine: Engine,
  settings: Record<string, string>,
  errand: Errand,
  where: 'host' | 'outside',
): Promise<TrueLink[]> {
  const self = where === 'outside' ? 'internet' : `process:${errand.name}`
  const env = { ...settings, ...settingsOf(errand, self, truthDir(engine)) }
  const { inside } = where === 'outside' ? engine.outside : engine
  const child = startProgram(engine.place, { name: errand.name, app: 'calls.ts', env, inside })
  await once(child, 'exit')
  return readLinks(engine, errand)
}

/** No log: no call left the client. */
function readLinks(engine: Engine, { name }: Errand): TrueLink[] {
  const path = join(truthDir(engine), `${name}.jsonl`)
  return existsSync(path) ? linksOf(parseCalls(readFileSync(path, 'utf8'))) : []
}
