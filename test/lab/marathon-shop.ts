import { once } from 'node:events'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { waitFor } from './command.ts'
import { load, nodeImage, postgresImage, redisImage } from './image.ts'
import type { Mesos } from './mesos.ts'
import { startProgram } from './program.ts'
import { quietOf, readTruth, type TrueLink } from './truth.ts'

export interface MarathonShopOptions {
  readonly ratePerSecond?: number
  readonly seconds?: number
}

const bridge = { mode: 'bridge' } as const
const readyMs = 30_000

/** How Inkling names a service of the shop. */
export const shopId = (service: string): string => `marathon:${pathOf(service)}`
const pathOf = (service: string): string => `/shop/production/${service}`

/**
 * The voting shop as apps in a group of Marathon's, on both agents: each finds the others at HOST:PORT0 as Marathon tells
 * it. Visitors come as a task and from outside. Gives the links, when they have left and the votes are counted.
 */
export async function runShop(
  mesos: Mesos,
  options: MarathonShopOptions = {},
): Promise<TrueLink[]> {
  const { ratePerSecond = 60, seconds = 8 } = options
  const { nodes, outside, place } = mesos.machines
  const [first, second] = nodes
  for (const image of [nodeImage, redisImage, postgresImage]) await load(nodes, image)
  const base = { network: bridge, image: nodeImage.name }
  await mesos.run({ ...base, id: pathOf('db'), image: postgresImage.name, ports: [5432] }, [second])
  await mesos.run({ ...base, id: pathOf('redis'), image: redisImage.name, ports: [6379] }, [first])
  await waitForDatabase(mesos)
  const at = {
    ...{ REDIS: shopId('redis'), REDIS_AT: mesos.hostPort(pathOf('redis'), first) },
    ...{ DB: shopId('db'), DB_AT: mesos.hostPort(pathOf('db'), second) },
  }
  const run = (name: string, ports: number[], on = nodes) => {
    const env = { ...at, SELF: shopId(name), TRUTH: `/truth/shop-${name}.jsonl` }
    return mesos.run({ ...base, id: pathOf(name), args: [`/app/${name}.ts`], ports, env }, on)
  }
  await run('worker', [], [first])
  await waitForTable(mesos)
  await run('vote', [80])
  await run('result', [80], [second])
  const visit = {
    TARGETS: JSON.stringify(targetsOf(mesos)),
    ...{ RATE: String(ratePerSecond), SECONDS: String(seconds), DELAY_MS: '3000' },
  }
  const truth = (name: string, folder: string) => ({ TRUTH: join(folder, `shop-${name}.jsonl`) })
  const env = { ...visit, SELF: shopId('load'), ...truth('load', '/truth') }
  await mesos.run({ ...base, id: pathOf('load'), args: ['/app/load.ts'], env }, [first])
  const outsider = {
    ...visit,
    SELF: 'internet',
    KEEPALIVE: '0',
    ...truth('outside', mesos.truthDir),
  }
  const { inside } = outside
  const program = startProgram(place, { name: 'visitor', app: 'load.ts', env: outsider, inside })
  await Promise.all([mesos.ended(pathOf('load')), once(program, 'exit')])
  await quietOf(mesos.truthDir)
  await mesos.scaleDown(pathOf('worker'), 0)
  return readTruth(mesos.truthDir).links.filter(({ server }) => server.startsWith(shopId('')))
}

/** Two of three visits are votes, at either of its tasks. */
function targetsOf(mesos: Mesos): Target[] {
  const [first, second] = mesos.machines.nodes
  const vote = { method: 'POST', server: shopId('vote'), share: 1 / 3 }
  const url = (name: string, on = first) => `http://${mesos.hostPort(pathOf(name), on)}`
  return [
    { ...vote, url: `${url('vote')}/vote?for=cats` },
    { ...vote, url: `${url('vote', second)}/vote?for=dogs` },
    { ...vote, method: 'GET', url: `${url('result', second)}/`, server: shopId('result') },
  ]
}

async function waitForDatabase(mesos: Mesos): Promise<void> {
  const ask = () => mesos.exec(pathOf('db'), 'test', '-S', '/run/postgresql/.s.PGSQL.5432')
  const answers = () => ask().catch(() => undefined)
  await waitFor(answers, readyMs, () => 'the PostgreSQL of the shop did not start')
}

async function waitForTable({ truthDir }: Mesos): Promise<void> {
  const created = () => readTruth(truthDir).calls.find(({ method }) => method === 'CREATE')
  await waitFor(created, readyMs, () => 'the worker of the shop did not reach its database')
}
