import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { sleep, waitFor } from './command.ts'
import { load, nodeImage } from './image.ts'
import type { Machine } from './machines.ts'
import type { Swarm } from './swarm.ts'
import { addService, createService } from './swarm-stage.ts'
import { readTruth, type Truth } from './truth.ts'
import { type Change, type Unrest, unanswered } from './unrest.ts'

/** So few addresses that those that are let go are soon another's. */
const network = { name: 'few', subnet: '10.44.0.0/28', shared: '10.44.0.14' } as const
const ratePerSecond = 20
const calmMs = 3000
const readyMs = 60_000
const secondsMax = 240

/** Plays every change, one after the other, under load. The visitors' own account is the truth. */
export async function playChanges(swarm: Swarm): Promise<Unrest> {
  const { manager, nodes } = swarm
  await load(nodes, nodeImage)
  const few = ['--attachable', '--subnet', network.subnet, network.name]
  await manager.docker('network', 'create', '--driver', 'overlay', ...few)
  for (const name of ['front', 'red']) await startServers(swarm, name)
  const holder = new SharedAddress(nodes)
  await holder.pass()
  await settled(swarm, 'front', 2)
  await settled(swarm, 'red', 2)
  mkdirSync(truthDir(swarm), { recursive: true })
  const fromMs = Date.now()
  await startVisitors(swarm)
  await waitFor(
    () => visitsOf(swarm),
    readyMs,
    () => 'the visitors did not come',
  )
  const changes: Change[] = []
  const change = async (name: string, how: () => Promise<unknown>) => {
    await sleep(calmMs)
    const startMs = Date.now()
    await how()
    changes.push({ name, fromMs: startMs, toMs: Date.now() })
  }
  await change('scaled from 2 to 3', () => scale(swarm, 'front', 3))
  await change('two services updated at once, task by task', () => roll(swarm))
  await change('tasks moved to another node', () => drain(swarm))
  for (let i = 0; i < 3; i++)
    await change('an address taken over by another service', () => holder.pass())
  await change('scaled from 3 to 1', () => scale(swarm, 'front', 1))
  await sleep(calmMs)
  await stopVisitors(swarm)
  const toMs = Date.now()
  // The last seconds are told of when they are over.
  await sleep(calmMs)
  return { changes, truth: readTruth(truthDir(swarm)), fromMs, toMs }
}

const truthDir = ({ place }: Swarm): string => join(place.dir, 'unrest')

const visitsOf = (swarm: Swarm): true | undefined => {
  const clients = readTruth(truthDir(swarm)).calls.map(({ client }) => client)
  return new Set(clients).size === swarm.nodes.length ? true : undefined
}

/** Every answer says whose it is: `swarm:front`. */
async function startServers(swarm: Swarm, name: string): Promise<void> {
  const options = ['--network', network.name, '--endpoint-mode', 'dnsrr', '--replicas', '2']
  const env = ['--env', `SELF=swarm:${name}`]
  await addService(swarm, name, [...options, ...env], [nodeImage.name, '/app/hello.ts'])
}

/** A task on the manager, containers on the others: those stay when their node is drained. */
async function startVisitors(swarm: Swarm): Promise<void> {
  const mount = ['--mount', `type=bind,source=${truthDir(swarm)},target=/truth`]
  const image = [nodeImage.name, '/app/load.ts']
  for (const node of swarm.nodes) {
    const name = `visitor-${node.name}`
    const isTask = node === swarm.manager
    const env = {
      SELF: `${isTask ? 'swarm' : 'container'}:${name}`,
      TARGETS: JSON.stringify(targets),
      RATE: String(ratePerSecond),
      SECONDS: String(secondsMax),
      KEEPALIVE: isTask ? '0' : '1',
      TRUTH: `/truth/${name}.jsonl`,
    }
    const told = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    const options = [...mount, ...told, '--network', network.name]
    if (isTask) await createService(swarm, node, name, options, image)
    else await node.docker('run', '-d', '--name', name, ...options, ...image)
  }
}

async function stopVisitors({ nodes, manager }: Swarm): Promise<void> {
  await manager.docker('service', 'rm', `visitor-${manager.name}`)
  const others = nodes.filter(node => node !== manager)
  await Promise.all(others.map(({ name, docker }) => docker('stop', `visitor-${name}`)))
  const gone = async () => {
    const running = await manager.docker('ps', '-q', '--filter', 'name=visitor-')
    return running.trim() === '' ? true : undefined
  }
  await waitFor(gone, readyMs, () => 'the visitors stay')
}

const targets: readonly Target[] = ['front', 'red', network.shared].map(host => ({
  ...{ method: 'GET', url: `http://${host}/`, server: unanswered, share: 1 / 3 },
}))

async function scale(swarm: Swarm, name: string, replicas: number): Promise<void> {
  await swarm.manager.docker('service', 'scale', '--detach', `${name}=${replicas}`)
  await settled(swarm, name, replicas)
}

async function roll(swarm: Swarm): Promise<void> {
  const { docker } = swarm.manager
  const update = ['service', 'update', '--detach', '--no-resolve-image', '--env-add', 'NEW=1']
  const names = ['front', 'red']
  const pace = ['--update-delay', '500ms', '--update-monitor', '500ms']
  for (const name of names) await docker(...update, ...pace, name)
  const done = async () => {
    const states = await docker(
      ...['service', 'inspect', ...names, '--format', '{{.UpdateStatus.State}}'],
    )
    return states
      .trim()
      .split('\n')
      .every(state => state === 'completed')
      ? true
      : undefined
  }
  await waitFor(done, readyMs, () => 'the update did not end')
}

async function drain(swarm: Swarm): Promise<void> {
  const { docker } = swarm.manager
  const last = swarm.nodes.at(-1)!
  const tasks = async () => {
    const ofService = ['--filter', 'label=com.docker.swarm.service.name']
    return (await last.docker('ps', '-q', ...ofService)).trim()
  }
  if ((await tasks()) === '') throw new Error(`no task is on ${last.name}`)
  await docker('node', 'update', '--availability', 'drain', last.name)
  const left = async () => ((await tasks()) === '' ? true : undefined)
  await waitFor(left, readyMs, () => `tasks stay on ${last.name}`)
  for (const [name, replicas] of [
    ['front', 3],
    ['red', 2],
  ] as const)
    await settled(swarm, name, replicas)
  await docker('node', 'update', '--availability', 'active', last.name)
}

async function settled({ manager }: Swarm, name: string, replicas: number): Promise<void> {
  const format = ['--format', '{{.Name}} {{.Replicas}}']
  const ask = async () => {
    const said = await manager.docker('service', 'ls', ...format)
    return said.split('\n').includes(`${name} ${replicas}/${replicas}`) ? true : undefined
  }
  await waitFor(ask, readyMs, () => `${name} does not have ${replicas} tasks`)
}

/** An address that passes from a container on one node to another service's on the next. */
class SharedAddress {
  readonly #nodes: readonly Machine[]
  #holder: { readonly name: string; readonly node: Machine } | undefined
  #count = 0

  constructor(nodes: readonly Machine[]) {
    this.#nodes = nodes
  }

  /** The next holder is made ready before the address is let go: what lies between is its start alone. */
  async pass(): Promise<void> {
    const node = this.#nodes[this.#count % this.#nodes.length]
    const name = `${holders}${++this.#count}`
    const before = this.#holder
    const where = ['--network', network.name, '--ip', network.shared]
    const env = ['--env', `SELF=container:${name}`]
    await node.docker('create', '--name', name, ...where, ...env, nodeImage.name, '/app/hello.ts')
    if (before) await before.node.docker('rm', '-f', before.name)
    await node.docker('start', name)
    this.#holder = { name, node }
  }
}

const holders = 'holder-'

/** From the last answer of who had the address to the first of who has it now, each time that it was passed on, in ms. */
export function takeoversOf({ calls }: Truth): number[] {
  const answered = calls.filter(({ server }) => server.startsWith(`container:${holders}`))
  const times = [...Map.groupBy(answered, ({ server }) => server).values()].map(each => {
    const at = each.map(({ atUs }) => atUs / 1000)
    return { firstMs: Math.min(...at), lastMs: Math.max(...at) }
  })
  times.sort((a, b) => a.firstMs - b.firstMs)
  return times.slice(1).map(({ firstMs }, i) => Math.round(firstMs - times[i].lastMs))
}
