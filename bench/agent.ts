// What watching costs: the agent's CPU and memory, and the throughput that a watched nginx loses, at 10,000 requests a
// second and at full load, with the agent on and off in turns. The clients stand for another machine: their namespace is
// not watched, but they share the machine's cores. The first seconds under load, in which the engine compiles what it
// finds hot, are not counted. Needs root, nginx, wrk, h2load (nghttp2-client),
// tcpdump, iproute2. Where others are at work it watches them too; alone: `unshare -m -p -f -n --mount-proc sh -c 'ip link
// set lo up; mount -t tmpfs none /var/run/netns; node bench/agent.ts'`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, report } from './figures.ts'
import { clientNamespace, costOf, openSite, type Site } from './site.ts'

const rounds = Number(process.argv[2] ?? 5)
const seconds = 6
const port = 7399
const bin = join(import.meta.dirname, '../bin/inkling')

interface Round {
  readonly fullOff: number
  readonly fullTcpdump: number
  readonly fullOn: number
  readonly steadyOff: number
  readonly steadyOn: number
  readonly steadyCpu: number
  readonly fullCpu: number
  readonly idleCpu: number
  readonly residentBytes: number
  readonly seenShare: number
}

const site = await openSite()
try {
  const found: Round[] = []
  for (let i = 0; i < rounds; i++) {
    const round = await measure(site)
    console.log(`round ${i + 1}: ${JSON.stringify(round)}`)
    found.push(round)
  }
  print(found)
} finally {
  site.close()
}

async function measure(site: Site): Promise<Round> {
  const fullOff = wrk(site)
  const fullTcpdump = await underTcpdump(() => wrk(site))
  const steadyOff = steady(site)
  const { up, agent } = await startUp()
  try {
    await sleep(3000)
    const idle = await costWhile(agent, () => sleep(5000))
    steady(site)
    await sleep(1500)
    const before = await countSeen()
    const steadyOn = { value: 0 }
    const steadyCost = await costWhile(agent, async () => {
      steadyOn.value = steady(site)
    })
    const { residentBytes } = costOf(agent)
    await sleep(1500)
    const seen = (await countSeen()) - before
    wrk(site)
    const fullOn = { value: 0 }
    const fullCost = await costWhile(agent, async () => {
      fullOn.value = wrk(site)
    })
    return {
      ...{ fullOff, fullTcpdump, steadyOff, fullOn: fullOn.value, steadyOn: steadyOn.value },
      steadyCpu: steadyCost.share,
      fullCpu: fullCost.share,
      idleCpu: idle.share,
      residentBytes,
      seenShare: seen / (steadyOn.value * seconds),
    }
  } finally {
    up.kill('SIGTERM')
    await new Promise(resolve => up.once('exit', resolve))
  }
}

function print(found: readonly Round[]): void {
  const pick = (choose: (round: Round) => number) => median(found.map(choose))
  report('agent', {
    'CPU at 10,000 requests/s, share of a core (goal 0.03)': pick(round => round.steadyCpu),
    'CPU at full load, share of a core': pick(round => round.fullCpu),
    'CPU idle, share of a core (goal 0.003)': pick(round => round.idleCpu),
    'resident MiB at 10,000 requests/s (goal 128)': pick(round => round.residentBytes) / 2 ** 20,
    'throughput lost at 10,000/s (goal 0.01)': pick(round => 1 - round.steadyOn / round.steadyOff),
    'throughput lost at full load (goal 0.04)': pick(round => 1 - round.fullOn / round.fullOff),
    'throughput lost at full load to tcpdump -w /dev/null': pick(
      round => 1 - round.fullTcpdump / round.fullOff,
    ),
    'requests/s at full load, agent off': pick(round => round.fullOff),
    'requests/s at full load, agent on': pick(round => round.fullOn),
    'requests seen by the agent, share of all': pick(round => round.seenShare),
  })
}

/** Requests a second that wrk gets through. */
function wrk({ url, inClient }: Site): number {
  const [command, ...args] = [...inClient, 'wrk', '-t1', '-c16', `-d${seconds}s`, url]
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** The peer: tcpdump on the same packets, which it throws away. */
async function underTcpdump(work: () => number): Promise<number> {
  const args = ['-i', 'any', '-B', '32768', '-w', '/dev/null', 'tcp']
  const inServer = ['netns', 'exec', 'inkling-bench-s', 'tcpdump', ...args]
  const tcpdump = spawn('ip', inServer, { stdio: 'ignore' })
  await sleep(1000)
  const rate = work()
  tcpdump.kill('SIGINT')
  await new Promise(resolve => tcpdump.once('exit', resolve))
  return rate
}

/** Requests a second when 10,000 are asked for: ten clients at 1,000 each. */
function steady({ url, inClient }: Site): number {
  const load = ['h2load', '--h1', '-c10', '--rps=1000', '-t1', `-D${seconds}`, url]
  const [command, ...args] = [...inClient, ...load]
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return Number(/requests: (\d+) total/.exec(stdout)?.[1]) / seconds
}

async function startUp(): Promise<{ up: ChildProcess; agent: number }> {
  const args = ['up', '--listen', `127.0.0.1:${port}`, '--ignore-namespace', clientNamespace]
  // Another's spool would be told again meanwhile: this agent has none before it.
  const env = { ...process.env, XDG_STATE_HOME: mkdtempSync(join(tmpdir(), 'inkling-bench-')) }
  const up = spawn(bin, args, { stdio: 'ignore', env })
  up.once('exit', () => rmSync(env.XDG_STATE_HOME, { recursive: true, force: true }))
  for (let i = 0; i < 100; i++) {
    await sleep(100)
    const agent = childOf(up.pid!)
    if (agent && (await isReady())) return { up, agent }
  }
  throw new Error('inkling up did not become ready within 10 seconds')
}

function childOf(parent: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = readStat(name)
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) return Number(name)
  }
  return undefined
}

function readStat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}

async function isReady(): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
  return answer?.ok ?? false
}

/** HTTP requests that all links together have counted. */
async function countSeen(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  let seen = 0
  for (const line of (await answer.text()).split('\n')) {
    const match = /^traces_service_graph_request_total\{(.*)\} (\S+)/.exec(line)
    if (match?.[1].includes('http')) seen += Number(match[2])
  }
  return seen
}

async function costWhile(pid: number, work: () => Promise<unknown>): Promise<{ share: number }> {
  const before = costOf(pid).cpuSeconds
  const start = performance.now()
  await work()
  const elapsed = (performance.now() - start) / 1000
  return { share: (costOf(pid).cpuSeconds - before) / elapsed }
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
