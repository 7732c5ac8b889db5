// Ten minutes under load: the memory of agent and server, first against last, with the voting shop of the lab at 200
// requests a second. Needs root and Docker's engine. `node bench/soak.ts MINUTES`.
import { readdirSync, readFileSync } from 'node:fs'
import { sleep } from '../test/lab/command.ts'
import { startEngine } from '../test/lab/engine.ts'
import { startInkling } from '../test/lab/inkling.ts'
import { startShop } from '../test/lab/shop.ts'
import { median, report } from './figures.ts'
import { costOf } from './site.ts'

const minutes = Number(process.argv[2] ?? 10)
const ratePerSecond = 200
const everyMs = 5000

const engine = await startEngine()
try {
  const inkling = await startInkling(engine)
  await startShop(engine, { ratePerSecond, seconds: minutes * 60 })
  await sleep(30_000)
  const agent: number[] = []
  const server: number[] = []
  for (const endMs = Date.now() + minutes * 60_000 - 40_000; Date.now() < endMs; ) {
    await sleep(everyMs)
    agent.push(residentMiB('agent'))
    server.push(residentMiB('up'))
  }
  const tenth = Math.max(1, Math.floor(agent.length / 10))
  const growth = (all: readonly number[]) =>
    median(all.slice(-tenth)) / median(all.slice(tenth, 2 * tenth))
  report('soak', {
    minutes,
    'requests of the shop a second': ratePerSecond,
    'agent, MiB at the end': median(agent.slice(-tenth)),
    'agent, last tenth against second tenth': growth(agent),
    'server, MiB at the end': median(server.slice(-tenth)),
    'server, last tenth against second tenth': growth(server),
  })
  await inkling.stop()
} finally {
  engine.stop()
}

/** Of the newest process that runs `inkling COMMAND`. */
function residentMiB(command: string): number {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && runs(name, command))
  return costOf(Math.max(...pids.map(Number))).residentBytes / 2 ** 20
}

function runs(pid: string, command: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`src/main.ts\0${command}\0`)
  } catch {
    return false
  }
}
