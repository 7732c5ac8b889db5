import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { type Network, openNetwork } from './outage/network.ts'
import { callsIn } from './outage/seconds.ts'

const root = mkdtempSync(join(tmpdir(), 'inkling-outage-'))
const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function until<T>(ask: () => Promise<T | undefined>, what: () => string): Promise<T> {
  for (const endMs = Date.now() + 45_000; Date.now() < endMs; await sleep(200)) {
    const answer = await ask().catch(() => undefined)
    if (answer !== undefined) return answer
  }
  throw new Error(`waited in vain for ${what()}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  child.kill(signal)
  await once(child, 'exit')
}

/** A server, an agent without capture, and a network between them, each a process that can be killed. */
class World {
  readonly dir: string
  readonly count: number
  /** Start of the second of number 0: minutes ago, where the history reaches and links are not forgotten. */
  readonly baseMs: number
  port = 0
  network!: Network
  server!: ChildProcess
  agent!: ChildProcess

  constructor(name: string, count: number) {
    this.dir = join(root, name)
    this.count = count
    this.baseMs = Math.floor(Date.now() / 1000) * 1000 - 500_000
    mkdirSync(this.dir)
  }

  async open(): Promise<void> {
    this.port = await freePort()
    this.network = await openNetwork(() => this.port)
    await this.startServer()
    this.startAgent()
  }

  async startServer(): Promise<void> {
    const listen = ['--listen', `127.0.0.1:${this.port}`, '--token', 'agent-token']
    this.server = start(['src/main.ts', 'server', ...listen])
    const alive = async () => ((await this.get('/healthz')) ? true : undefined)
    await until(alive, () => 'the server')
  }

  startAgent(everyMs = 20): void {
    const told = this.told()
    const first = told.begun.size === 0 ? 1 : Math.max(...told.begun) + 1
    const numbers = [first, this.count, everyMs, this.baseMs].map(String)
    const url = `http://127.0.0.1:${this.network.port}`
    const files = [join(this.dir, 'spool'), this.truth]
    this.agent = start(['test/outage/writer.ts', url, ...files, ...numbers])
  }

  get truth(): string {
    return join(this.dir, 'truth')
  }

  /** Numbers of seconds that the agent began to write, and those it had written. */
  told(): { readonly begun: Set<number>; readonly done: Set<number> } {
    const text = existsSync(this.truth) ? readFileSync(this.truth, 'utf8') : ''
    const numbers = (word: string) =>
      new Set([...text.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, n]) => Number(n)))
    return { begun: numbers('begun'), done: numbers('done') }
  }

  async isTold(): Promise<void> {
    await until(
      async () => (this.told().done.has(this.count) ? true : undefined),
      () => 'the agent to write',
    )
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`)
    return (await response.json()) as T
  }

  /** Calls that the server counts in the second of that number. */
  async callsIn(number: number): Promise<number> {
    const at = this.baseMs + number * 1000 + 1000
    type Answer = { links: { counts: { ok: number } }[] }
    const { links } = await this.get<Answer>(`/api/v1/graph?at=${at}&window=1`)
    return links.reduce((sum, { counts }) => sum + counts.ok, 0)
  }

  /** Every second is there once, with all its calls; one that was begun and not ended may be there or not. */
  async agrees(): Promise<void> {
    const { begun, done } = this.told()
    const wrong = async () => {
      const found: string[] = []
      for (let number = 1; number <= this.count; number++) {
        const calls = await this.callsIn(number)
        const isRight = calls === callsIn(number)
        const mayLack = begun.has(number) && !done.has(number) && calls === 0
        if (!isRight && !mayLack) found.push(`${number}: ${calls} instead of ${callsIn(number)}`)
      }
      return found
    }
    let last: string[] = []
    await until(
      async () => {
        last = await wrong()
        return last.length === 0 ? true : undefined
      },
      () => `${last.length} seconds, ${last.slice(0, 10).join('; ')}`,
    )
  }

  async close(): Promise<void> {
    await kill(this.agent, 'SIGTERM').catch(() => undefined)
    await kill(this.server)
    await this.network.close()
  }
}

suite('counts equal the truth after', { timeout: 240_000 }, () => {
  test('a network that stalls, is slow and is cut, under load', async () => {
    const world = new World('network', 160)
    await world.open()
    for (let round = 0; round < 3; round++) {
      await sleep(250)
      world.network.stall()
      await sleep(250)
      world.network.heal()
      world.network.slow(20_000)
      await sleep(250)
      world.network.cut()
      await sleep(400)
      world.network.heal()
    }
    await world.isTold()
    await world.agrees()
    await world.close()
  })

  test('an agent that is killed, again and again, the server away and not', async () => {
    const world = new World('agent', 160)
    await world.open()
    for (let round = 0; round < 5; round++) {
      await sleep(600)
      if (round % 2 === 1) world.network.cut()
      await sleep(200)
      await kill(world.agent)
      world.startAgent()
      world.network.heal()
    }
    await world.isTold()
    await world.agrees()
    await world.close()
  })

  test('a server that is killed, again and again: the next has its history again', async () => {
    const world = new World('server', 160)
    await world.open()
    for (let round = 0; round < 3; round++) {
      await sleep(700)
      await kill(world.server)
      await sleep(300)
      await world.startServer()
    }
    await world.isTold()
    await world.agrees()
    await world.close()
  })

  test('all of it at once', async () => {
    const world = new World('all', 160)
    await world.open()
    await sleep(700)
    world.network.cut()
    await kill(world.agent)
    world.startAgent()
    await sleep(500)
    await kill(world.server)
    await kill(world.agent)
    await world.startServer()
    world.network.heal()
    world.startAgent()
    await sleep(1000)
    world.network.stall()
    await kill(world.server)
    world.network.heal()
    await world.startServer()
    await world.isTold()
    await world.agrees()
    await world.close()
  })
})
