import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './apps/load.ts'
import { sleep, waitFor } from './command.ts'
import type { Engine } from './engine.ts'
import { load, nginxImage, nodeImage, postgresImage, redisImage } from './image.ts'
import { startProgram } from './program.ts'
import { readTruth, type Truth } from './truth.ts'

export interface ShopOptions {
  /** Requests a second of the visitors, all kinds together. */
  readonly ratePerSecond?: number
  /** The visitors leave after this time. */
  readonly seconds?: number
  readonly votePort?: number
  readonly resultPort?: number
  /** Visitors beside the container `load`: a process of the host, a client from outside. */
  readonly visitors?: readonly ('load' | 'host' | 'outside')[]
  /** A second project `blog` with one nginx. */
  readonly blog?: boolean
}

export const shopServices = ['redis', 'db', 'vote', 'result', 'worker', 'load'] as const
export type ShopService = (typeof shopServices)[number]

/** The voting shop: load -> vote -> redis <- worker -> db <- result <- load. */
export interface Shop {
  readonly voteUrl: string
  readonly resultUrl: string
  /** What the applications say happened so far. */
  truth(): Truth
  /** From now on this share (0 to 1) of the votes is answered with 500. */
  injectErrors(rate: number): Promise<void>
  /** Kills the service's container without a goodbye and removes it. */
  kill(service: ShopService): Promise<void>
  /** Starts a container for it, with the next number; gives the container's name. */
  replace(service: ShopService): Promise<string>
  /** Resolves when the visitors have left and the votes are counted. */
  quiet(): Promise<void>
  stop(): Promise<void>
}

const network = 'shop_default'
const readyMs = 30_000

/** How Inkling names a service of the shop. */
export const shopId = (service: ShopService): string => `compose:shop:${service}`

/** Starts the shop on an engine and waits until both pages answer. */
export async function startShop(engine: Engine, options: ShopOptions = {}): Promise<Shop> {
  const shop = new VotingShop(engine, options)
  await shop.start()
  return shop
}

class VotingShop implements Shop {
  readonly voteUrl: string
  readonly resultUrl: string
  readonly #engine: Engine
  readonly #options: Required<ShopOptions>
  readonly #truthDir: string
  readonly #numbers = new Map<ShopService, number>()
  #endMs = 0

  constructor(engine: Engine, options: ShopOptions) {
    this.#engine = engine
    this.#options = { ...defaults, ...options }
    this.#truthDir = join(engine.place.dir, 'truth')
    this.voteUrl = `http://127.0.0.1:${this.#options.votePort}/`
    this.resultUrl = `http://127.0.0.1:${this.#options.resultPort}/`
  }

  async start(): Promise<void> {
    mkdirSync(this.#truthDir, { recursive: true })
    for (const image of [nodeImage, redisImage, postgresImage]) await load(this.#engine, image)
    await this.#engine.docker('network', 'create', ...projectLabels('shop'), network)
    for (const service of ['db', 'redis'] as const) await this.replace(service)
    await this.#waitForDatabase()
    for (const service of ['worker', 'vote', 'result'] as const) await this.replace(service)
    await this.#waitForTable()
    if (this.#options.blog) await this.#startBlog()
    await this.#startVisitors()
  }

  truth(): Truth {
    return readTruth(this.#truthDir)
  }

  async injectErrors(rate: number): Promise<void> {
    // Over a Unix socket: a call that the lab makes for itself must not appear on any map.
    const script = `require('http').request({socketPath:'/run/admin.sock',method:'POST',
      path:'/admin/errors?rate=${rate}'},r=>process.exit(r.statusCode===200?0:1)).end()`
    await this.#engine.docker('exec', this.#container('vote'), '/usr/bin/node', '-e', script)
  }

  async kill(service: ShopService): Promise<void> {
    await this.#engine.docker('rm', '-f', this.#container(service))
  }

  async replace(service: ShopService): Promise<string> {
    const number = (this.#numbers.get(service) ?? 0) + 1
    this.#numbers.set(service, number)
    const name = this.#container(service)
    await this.#engine.docker('run', '-d', '--name', name, ...this.#runOptions(service, number))
    return name
  }

  async quiet(): Promise<void> {
    await sleep(Math.max(0, this.#endMs - Date.now()))
    // Longer than one BLPOP of an idle worker: when nothing but those is new, all votes are counted.
    for (let calls = -1; calls !== this.#busyCalls(); ) {
      calls = this.#busyCalls()
      await sleep(1500)
    }
  }

  async stop(): Promise<void> {
    const names = await this.#engine.docker(
      'ps',
      '-aq',
      '--filter',
      'label=com.docker.compose.project=shop',
    )
    const containers = names.split('\n').filter(Boolean)
    if (containers.length > 0) await this.#engine.docker('rm', '-f', '-v', ...containers)
    await this.#engine.docker('network', 'rm', network)
  }

  #busyCalls(): number {
    return this.truth().calls.filter(({ method }) => method !== 'BLPOP').length
  }

  #container(service: ShopService): string {
    return `shop-${service}-${this.#numbers.get(service)}`
  }

  #runOptions(service: ShopService, number: number): string[] {
    return [
      ...['--network', network, '--network-alias', service],
      ...composeLabels('shop', service, number),
      ...['-v', `${this.#truthDir}:/truth`],
      ...Object.entries(this.#environment(service, number)).flatMap(([name, value]) => [
        '-e',
        `${name}=${value}`,
      ]),
      ...this.#extraOptions(service),
      ...image(service),
    ]
  }

  #environment(service: ShopService, number: number): Record<string, string> {
    const ids = { SELF: shopId(service), REDIS: shopId('redis'), DB: shopId('db') }
    const truth = { TRUTH: `/truth/${service}-${number}.jsonl` }
    if (service === 'redis' || service === 'db') return {}
    return service === 'load'
      ? { ...truth, ...this.#visitorSettings('load') }
      : { ...ids, ...truth }
  }

  #extraOptions(service: ShopService): string[] {
    if (service === 'vote') return ['-p', `${this.#options.votePort}:80`]
    if (service === 'result') return ['-p', `${this.#options.resultPort}:80`]
    // Its health check asks no network: the lab's truth knows of every packet.
    if (service === 'db')
      return ['--health-cmd', 'test -S /run/postgresql/.s.PGSQL.5432', '--health-interval', '2s']
    return []
  }

  #visitorSettings(visitor: 'load' | 'host' | 'outside'): Record<string, string> {
    const share = { load: 1, host: 0.2, outside: 0.4 }[visitor]
    return {
      SELF: { load: shopId('load'), host: `process:${hostCaller}`, outside: 'internet' }[visitor],
      TARGETS: JSON.stringify(this.#targets(visitor)),
      RATE: String(this.#options.ratePerSecond * share),
      SECONDS: String(this.#options.seconds),
      KEEPALIVE: visitor === 'outside' ? '0' : '1',
    }
  }

  #targets(visitor: 'load' | 'host' | 'outside'): Target[] {
    const { votePort, resultPort } = this.#options
    const address = visitor === 'host' ? '127.0.0.1' : this.#engine.outside.nodeAddress
    const [vote, result] =
      visitor === 'load'
        ? ['vote', 'result']
        : [`${address}:${votePort}`, `${address}:${resultPort}`]
    return [
      { method: 'POST', url: `http://${vote}/vote?for=cats`, server: shopId('vote'), share: 0.35 },
      { method: 'POST', url: `http://${vote}/vote?for=dogs`, server: shopId('vote'), share: 0.25 },
      { method: 'GET', url: `http://${vote}/`, server: shopId('vote'), share: 0.1 },
      { method: 'GET', url: `http://${vote}/missing`, server: shopId('vote'), share: 0.02 },
      { method: 'GET', url: `http://${result}/`, server: shopId('result'), share: 0.28 },
    ]
  }

  async #waitForDatabase(): Promise<void> {
    const ask = () =>
      this.#engine
        .docker('exec', this.#container('db'), 'sh', '-c', 'test -S /run/postgresql/.s.PGSQL.5432')
        .catch(() => undefined)
    await waitFor(ask, readyMs, () => 'the PostgreSQL of the shop did not start')
  }

  async #waitForTable(): Promise<void> {
    const created = () => this.truth().calls.find(({ method }) => method === 'CREATE')
    await waitFor(created, readyMs, () => 'the worker of the shop did not reach its database')
  }

  async #startBlog(): Promise<void> {
    await load(this.#engine, nginxImage)
    await this.#engine.docker('network', 'create', ...projectLabels('blog'), 'blog_default')
    const where = [
      '--network',
      'blog_default',
      '--network-alias',
      'web',
      ...composeLabels('blog', 'web', 1),
    ]
    await this.#engine.docker('run', '-d', '--name', 'blog-web-1', ...where, nginxImage.name)
  }

  async #startVisitors(): Promise<void> {
    const { visitors, seconds } = this.#options
    this.#endMs = Date.now() + seconds * 1000 + 1000
    if (visitors.includes('load')) await this.replace('load')
    if (visitors.includes('host')) this.#startProgram('host', this.#engine.inside)
    if (visitors.includes('outside')) this.#startProgram('outside', this.#engine.outside.inside)
  }

  #startProgram(visitor: 'host' | 'outside', inside: Engine['inside']): void {
    const truth = { TRUTH: join(this.#truthDir, `${visitor}.jsonl`) }
    const env = { ...truth, ...this.#visitorSettings(visitor) }
    const name = visitor === 'host' ? hostCaller : 'visitor'
    startProgram(this.#engine.place, { name, app: 'load.ts', env, inside })
  }
}

const defaults: Required<ShopOptions> = {
  ratePerSecond: 20,
  seconds: 60,
  votePort: 5000,
  resultPort: 5001,
  visitors: ['load', 'host', 'outside'],
  blog: false,
}

/** Name of the host's process that visits the shop. */
export const hostCaller = 'hostcaller'

function image(service: ShopService): string[] {
  if (service === 'redis') return [redisImage.name]
  if (service === 'db') return [postgresImage.name]
  return [nodeImage.name, `/app/${service}.ts`]
}

const projectLabels = (project: string): string[] => [
  ...[
    '--label',
    `com.docker.compose.project=${project}`,
    '--label',
    'com.docker.compose.network=default',
  ],
]

/** The labels that Compose would set; the lab does without its plug-in. */
export function composeLabels(project: string, service: string, number: number): string[] {
  const labels = {
    project,
    service,
    'container-number': number,
    oneoff: 'False',
    version: '2.24.0',
  }
  return Object.entries(labels).flatMap(([name, value]) => [
    '--label',
    `com.docker.compose.${name}=${value}`,
  ])
}
