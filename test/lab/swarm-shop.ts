import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { waitFor } from './command.ts'
import { load, nodeImage, postgresImage, redisImage } from './image.ts'
import type { Machine } from './machines.ts'
import { startProgram } from './program.ts'
import type { Swarm } from './swarm.ts'
import { createService } from './swarm-stage.ts'
import { quietOf, readTruth, type TrueLink } from './truth.ts'

const stack = 'shop'
const network = `${stack}_default`
const votePort = 8480
const resultPort = 8481
const ratePerSecond = 60
const seconds = 8
const readyMs = 30_000

/** How Inkling names a service of the shop. */
export const shopId = (service: string): string => `swarm:${stack}_${service}`

/**
 * The voting shop as a stack, its services on one node and on another in turn, which find each other by name on an overlay.
 * Visitors come as a task and from outside, to ports of the nodes. Gives the links, when they have left and the votes are counted.
 */
export async function runShop(swarm: Swarm): Promise<TrueLink[]> {
  const { manager, nodes } = swarm
  const [first, second] = nodes
  mkdirSync(truthDir(swarm), { recursive: true })
  for (const image of [nodeImage, redisImage, postgresImage]) await load(nodes, image)
  const named = ['--label', `com.docker.stack.namespace=${stack}`]
  await manager.docker('network', 'create', '--driver', 'overlay', ...named, network)
  const start = (on: Machine, name: string, image: readonly string[], options: string[] = []) =>
    createService(
      swarm,
      on,
      `${stack}_${name}`,
      ['--network', network, '--endpoint-mode', 'dnsrr', ...named, ...options],
      image,
    )
  const app = (on: Machine, name: string, options: string[] = []) => {
    const mount = `type=bind,source=${truthDir(swarm)},target=/truth`
    const env = { SELF: shopId(name), TRUTH: `/truth/${name}.jsonl`, ...places }
    const told = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    const image = [nodeImage.name, `/app/${name}.ts`]
    return start(on, name, image, ['--mount', mount, ...told, ...options])
  }
  await start(second, 'db', [postgresImage.name])
  await start(first, 'redis', [redisImage.name])
  await waitForDatabase(second)
  await app(first, 'worker')
  await waitFor(
    () => madeTable(swarm),
    readyMs,
    () => 'the worker did not reach its database',
  )
  const open = (port: number) => ['--publish', `mode=host,published=${port},target=80`]
  await app(second, 'vote', open(votePort))
  await app(first, 'result', open(resultPort))
  for (const [node, port] of [
    [second, votePort],
    [first, resultPort],
  ] as const)
    await waitForPort(node, port)
  const visit = { RATE: String(ratePerSecond), SECONDS: String(seconds), DELAY_MS: '3000' }
  const asTask = {
    ...visit,
    TARGETS: JSON.stringify(targetsAt(`${stack}_vote`, `${stack}_result`)),
  }
  const told = Object.entries(asTask).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  await app(second, 'load', [...told, '--restart-condition', 'none'])
  const outside = startProgram(swarm.place, {
    name: 'shop-visitor',
    app: 'load.ts',
    env: {
      ...visit,
      ...{ SELF: 'internet', KEEPALIVE: '0', TRUTH: join(truthDir(swarm), 'outside.jsonl') },
      TARGETS: JSON.stringify(
        targetsAt(`${second.address}:${votePort}`, `${first.address}:${resultPort}`),
      ),
    },
    inside: swarm.outside.inside,
  })
  await once(outside, 'exit')
  await quietOf(truthDir(swarm))
  await manager.docker('service', 'rm', `${stack}_worker`)
  return readTruth(truthDir(swarm)).links.filter(({ server }) => server.startsWith(shopId('')))
}

const truthDir = ({ place }: Swarm): string => join(place.dir, 'shop')

/** Who is called by which name; as Inkling calls them, and where. */
const places = {
  ...{ REDIS: shopId('redis'), REDIS_AT: `${stack}_redis:6379` },
  ...{ DB: shopId('db'), DB_AT: `${stack}_db:5432` },
}

/** Two of three visits are votes. */
const targetsAt = (vote: string, result: string): Target[] => [
  { method: 'POST', url: `http://${vote}/vote?for=cats`, server: shopId('vote'), share: 2 / 3 },
  { method: 'GET', url: `http://${result}/`, server: shopId('result'), share: 1 / 3 },
]

const madeTable = (swarm: Swarm) =>
  readTruth(truthDir(swarm)).calls.find(({ method }) => method === 'CREATE')

async function waitForDatabase({ docker }: Machine): Promise<void> {
  const ask = async () => {
    const id = (await docker('ps', '-q', '--filter', `name=${stack}_db`)).trim()
    return id === ''
      ? undefined
      : docker('exec', id, 'test', '-S', '/run/postgresql/.s.PGSQL.5432').catch(() => undefined)
  }
  await waitFor(ask, readyMs, () => 'the PostgreSQL of the shop did not start')
}

async function waitForPort({ docker }: Machine, port: number): Promise<void> {
  const ask = async () => {
    const ports = await docker('ps', '--format', '{{.Ports}}')
    return ports.includes(`:${port}->`) ? true : undefined
  }
  await waitFor(ask, readyMs, () => `nothing is published at port ${port}`)
}
