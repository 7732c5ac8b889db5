#!/usr/bin/env node
// A long outage by hand: the voting shop under load, an agent and a server apart, and a network between them that is cut
// for minutes, while the agent is killed, and the server after. Then the counts of the whole time against the truth.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AgentState } from '#model/graph.ts'
import { openNetwork } from '../outage/network.ts'
import type { Call } from './apps/truth-log.ts'
import { run, sleep, waitFor } from './command.ts'
import { type Engine, startEngine } from './engine.ts'
import type { GraphAnswer } from './inkling.ts'
import { startShop } from './shop.ts'
import { linksOf } from './truth.ts'

const usage = `Usage: node test/lab/outage.ts [options]
Needs root and Docker's engine; takes everything away when it ends.
  --cut S      seconds without a network (default 300)
  --rate N     requests a second of the shop's visitors (default 100)
`
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    cut: { type: 'string', default: '300' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
})

const root = join(import.meta.dirname, '../..')
const ports = { server: 7171, network: 7172 } as const
const token = 'agents'
/** Before and after each thing that happens. */
const calmMs = 20_000

/** In the lab's node: the network between agent and server, which does as the lines on its input say. */
async function keepNetwork(): Promise<void> {
  const network = await openNetwork(() => ports.server, ports.network)
  process.stdout.write('open\n')
  process.stdin.on('data', text => {
    for (const word of text.toString().trim().split('\n')) {
      if (word === 'cut') network.cut()
      if (word === 'heal') network.heal()
    }
  })
}

async function main(): Promise<void> {
  const cutMs = Number(values.cut) * 1000
  const engine = await startEngine()
  try {
    const world = new World(engine)
    await world.open()
    const seconds = Math.ceil((cutMs + 6 * calmMs) / 1000)
    const shop = await startShop(engine, { ratePerSecond: Number(values.rate), seconds })
    await sleep(calmMs)
    world.say(`network cut for ${values.cut} s`)
    world.network.stdin?.write('cut\n')
    await sleep(cutMs / 2)
    world.kill('agent')
    await world.startAgent()
    world.say('agent killed and started, the network still cut')
    await sleep(cutMs / 2)
    world.network.stdin?.write('heal\n')
    world.say('network healed')
    await sleep(calmMs)
    await world.tell()
    world.kill('server')
    await sleep(3000)
    await world.startServer()
    world.say('server killed and started')
    await shop.quiet()
    await waitFor(
      () => world.isCaughtUp(),
      120_000,
      () => 'the agent did not catch up',
    )
    await sleep(3000)
    await world.tell()
    const truth = shop.truth()
    await world.compare(truth.calls)
    await world.missing(truth.calls)
    await world.close()
  } finally {
    engine.stop()
  }
}

class World {
  readonly #engine: Engine
  readonly #startMs = Date.now()
  network!: ChildProcess

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get #spool(): string {
    return join(this.#engine.place.dir, 'spool')
  }

  async open(): Promise<void> {
    this.network = this.#start(process.execPath, import.meta.filename, 'network')
    await this.startServer()
    await this.startAgent()
    await waitFor(
      () => this.isCaughtUp(),
      20_000,
      () => 'the agent does not report',
    )
  }

  async startServer(): Promise<void> {
    const listen = ['--listen', `127.0.0.1:${ports.server}`, '--token', token]
    this.#start(join(root, 'bin/inkling'), 'server', ...listen)
    const alive = () =>
      this.#get('/healthz').then(
        () => true,
        () => undefined,
      )
    await waitFor(alive, 20_000, () => 'the server does not answer')
  }

  async startAgent(): Promise<void> {
    const outside = `/var/run/netns/ink${this.#engine.place.id}o`
    const where = ['--server', `http://127.0.0.1:${ports.network}`, '--token', token]
    const agent = ['agent', ...where, '--spool', this.#spool, '--ignore-namespace', outside]
    this.#start(join(root, 'bin/inkling'), ...agent)
  }

  /** Without a goodbye, and only what this lab started: it alone has this spool, or listens on this port. */
  kill(what: 'agent' | 'server'): void {
    const mark = what === 'agent' ? this.#spool : `127.0.0.1:${ports.server}`
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      const words = commandOf(pid)
      if (words.includes(mark) && words.includes(what) && words.includes('src/main.ts')) {
        process.kill(Number(pid), 'SIGKILL')
      }
    }
  }

  say(text: string): void {
    console.log(`${((Date.now() - this.#startMs) / 1000).toFixed(0).padStart(4)} s  ${text}`)
  }

  async tell(): Promise<void> {
    for (const agent of await this.#agents()) {
      const { connected, backlogSeconds, backlogBytes, droppedSeconds, residentBytes } = agent
      const [spool, memory] = [backlogBytes, residentBytes].map(bytes =>
        (bytes / 2 ** 20).toFixed(1),
      )
      this.say(
        `agent ${connected ? 'reports' : 'is away'}, ${backlogSeconds} s to tell (${spool} MiB), ` +
          `${droppedSeconds} s dropped, ${memory} MiB resident`,
      )
      for (const notice of agent.notices) this.say(`  ${notice}`)
    }
  }

  async isCaughtUp(): Promise<true | undefined> {
    const agents = await this.#agents()
    const isDone = ({ connected, backlogSeconds, version }: AgentState) =>
      connected && backlogSeconds === 0 && version !== ''
    return agents.length > 0 && agents.every(isDone) ? true : undefined
  }

  /**
   * A table of all links of the shop: calls made and calls seen. What was made while nobody watched, as the agent says, is
   * not expected.
   */
  async compare(calls: readonly Call[]): Promise<void> {
    const found = await this.#totals()
    const gap = await this.#gap()
    const isWatched = ({ atUs }: Call) =>
      !gap || atUs < gap.fromMs * 1000 || atUs >= gap.toMs * 1000
    let worst = 0
    for (const link of linksOf(calls.filter(isWatched))) {
      const { client, server, protocol } = link
      if (protocol === 'tcp') continue
      const seen = found.get(`${client} ${server} ${protocol}`) ?? 0
      const off = (seen - link.calls) / link.calls
      worst = Math.max(worst, Math.abs(off))
      const share = `${(off * 100).toFixed(2)} %`
      console.log(`${client} -> ${server} ${protocol}: ${link.calls} calls, ${seen} seen, ${share}`)
    }
    if (gap) console.log(`Left out: ${(gap.toMs - gap.fromMs) / 1000} s in which nobody watched.`)
    console.log(`${await this.#lostPackets()} packets were lost by the kernel.`)
    const isRight = worst <= 0.01
    console.log(`At worst ${(worst * 100).toFixed(2)} % off: ${isRight ? 'within' : 'beyond'} 1 %.`)
    if (!isRight) process.exitCode = 1
  }

  /** The time in which nobody watched, as the agent says. */
  async #gap(): Promise<{ readonly fromMs: number; readonly toMs: number } | undefined> {
    const texts = (await this.#agents()).flatMap(({ notices }) => notices).join(' ')
    const [, seconds, time] = /Nobody watched for (\d+) s until ([\d:]{8}) UTC/.exec(texts) ?? []
    if (!time) return undefined
    const toMs = Date.parse(`${new Date(this.#startMs).toISOString().slice(0, 11)}${time}Z`)
    return { fromMs: toMs - Number(seconds) * 1000, toMs }
  }

  async #lostPackets(): Promise<number> {
    const metrics = await this.#get('/metrics')
    return Number(/^inkling_packets_dropped_total{.*} (\d+)$/m.exec(metrics)?.[1] ?? 0)
  }

  /** When calls are missing, or too many: runs of seconds, all links together. A call may count a second later. */
  async missing(calls: readonly Call[]): Promise<void> {
    const isShop = (id: string) => id.startsWith('compose:')
    const first = Math.floor(calls[0].atUs / 1e6)
    const last = Math.floor(calls.at(-1)!.atUs / 1e6) + 1
    const found = new Map<string, number[]>()
    const rowOf = (link: string) => {
      const row = found.get(link) ?? new Array<number>(last - first + 1).fill(0)
      found.set(link, row)
      return row
    }
    for (const { client, server, protocol, atUs } of calls) {
      if (protocol !== 'tcp') rowOf(`${client} > ${server}`)[Math.floor(atUs / 1e6) - first]--
    }
    for (let second = first; second <= last; second++) {
      const { links } = await this.#graph((second + 1) * 1000, 1)
      for (const { link, counts } of links) {
        if (!isShop(link.client) && !isShop(link.server)) continue
        const row = found.get(`${link.client} > ${link.server}`)
        if (row) row[second - first] += counts.ok + counts.warning + counts.error
      }
    }
    for (const [link, row] of found) {
      const off = row.flatMap((calls, i) => {
        const around = calls + (row[i - 1] ?? 0) + (row[i + 1] ?? 0)
        return Math.abs(around) > 4 && Math.abs(calls) > 4
          ? [`${this.#since(first + i)} s: ${calls}`]
          : []
      })
      if (off.length > 0) console.log(`${link} is off at ${off.join(', ')}`)
    }
  }

  #since(second: number): number {
    return Math.round(second - this.#startMs / 1000)
  }

  async close(): Promise<void> {
    this.kill('agent')
    this.kill('server')
    this.network.kill('SIGTERM')
  }

  #start(...argv: string[]): ChildProcess {
    const [file, ...args] = this.#engine.inside(...argv)
    const env = { ...process.env, DOCKER_HOST: this.#engine.host }
    return spawn(file, args, { env, stdio: ['pipe', 'ignore', 'inherit'] })
  }

  async #totals(): Promise<ReadonlyMap<string, number>> {
    const { links } = await this.#graph(Date.now(), 900)
    return new Map(
      links.map(({ link, counts: { ok, warning, error } }) => [
        `${link.client} ${link.server} ${link.protocol}`,
        ok + warning + error,
      ]),
    )
  }

  async #graph(atMs: number, windowSeconds: number): Promise<GraphAnswer> {
    return JSON.parse(await this.#get(`/api/v1/graph?at=${atMs}&window=${windowSeconds}`))
  }

  /** What the page hears of agents: the first status of a viewer. */
  async #agents(): Promise<readonly AgentState[]> {
    const script = `const s = new WebSocket('ws://127.0.0.1:${ports.server}/api/v1/live')
      s.onmessage = ({ data }) => { if (typeof data !== 'string') return
        const message = JSON.parse(data); if (message.type !== 'status') return
        process.stdout.write(JSON.stringify(message.agents)); process.exit() }
      setTimeout(() => process.exit(1), 5000)`
    const told = await run(this.#engine.inside(process.execPath, '-e', script)).catch(() => '[]')
    return JSON.parse(told)
  }

  #get(path: string): Promise<string> {
    const url = JSON.stringify(`http://127.0.0.1:${ports.server}${path}`)
    const script = `fetch(${url}).then(r => r.text()).then(t => process.stdout.write(t), () => process.exit(1))`
    return run(this.#engine.inside(process.execPath, '-e', script))
  }
}

function commandOf(pid: string): readonly string[] {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return words.map(word => (word.endsWith('/src/main.ts') ? 'src/main.ts' : word))
  } catch {
    return []
  }
}

if (process.argv[2] === 'network') await keepNetwork()
else if (values.help) process.stdout.write(usage)
else await main()
