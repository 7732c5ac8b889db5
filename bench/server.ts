// One server on one core, told by many agents: from the end of a second to the frame of that second at a viewer, the
// server's processor time and memory. The agents are simulated in a process of their own (this one), on other cores.
// By the usual length its history (two minutes of so many links) and its log are full: memory has stopped growing.
// `node bench/server.ts AGENTS LINKS SECONDS`.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { ServiceGroup } from '#model/service.ts'
import { emptyTraffic, type Window, type WindowBatch } from '#model/window.ts'
import { encodeAgentMessage } from '#wire/agent.ts'
import { decodeFrame } from '#wire/live.ts'
import { median, report } from './figures.ts'
import { costOf } from './site.ts'

const [agents, links, seconds] = [500, 10_000, 240].map((usual, i) =>
  Number(process.argv[2 + i] ?? usual),
)
/** The first seconds compile the code and open the links. */
const warmSeconds = 10
const lookSeconds = 30
const token = 'bench'
const services = agents * 2
const linksPerAgent = links / agents

const server = spawn(
  'taskset',
  [
    '-c',
    '0',
    join(import.meta.dirname, '../bin/inkling'),
    'server',
    '--listen',
    '127.0.0.1:0',
    '--token',
    token,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
try {
  const url = await addressOf()
  const pid = server.pid!
  const late = await watch(url, pid)
  report('server', {
    agents,
    'links a second': links,
    'seconds shown': late.latencies.length,
    'of seconds': seconds - warmSeconds,
    'from a second’s end to its frame, ms, median': median(late.latencies),
    'the same, 99th percentile (goal 1,500)': quantile(late.latencies, 0.99),
    'server, share of a core': late.cpuShare,
    'server, share of the time that it waited for its core (others were on it)': late.waitedShare,
    'server, MiB at the start': late.residentMiB[0],
    [`server, MiB each ${lookSeconds} seconds after`]: late.residentMiB.slice(1).join(' '),
  })
} finally {
  server.kill()
}

/** The server says where it listens. */
async function addressOf(): Promise<string> {
  let text = ''
  for await (const chunk of server.stdout!) {
    text += chunk
    const url = /http:\/\/\S+/.exec(text)?.[0]
    if (url) return url
  }
  throw new Error('the server did not start')
}

async function watch(url: string, pid: number) {
  const sockets = await Promise.all(Array.from({ length: agents }, (_, i) => connect(url, i)))
  const latencies: number[] = []
  const startMs = nextSecond()
  const viewer = new WebSocket(`${url.replace('http', 'ws')}/api/v1/live`)
  viewer.binaryType = 'arraybuffer'
  viewer.on('message', (data, isBinary) => {
    const frame = isBinary ? decodeFrame(data as ArrayBuffer) : undefined
    if (!frame || frame.timeMs < startMs + warmSeconds * 1000) return
    latencies.push(Date.now() - frame.timeMs - 1000)
  })
  let sequence = 0
  let first = costOf(pid)
  let firstMs = performance.now()
  const residentMiB: number[] = []
  for (let second = startMs; second < startMs + seconds * 1000; second += 1000) {
    await until(second + 1000)
    sequence++
    // agents end their second a little after it, each at its own time
    for (const [i, socket] of sockets.entries()) {
      setTimeout(() => tell(socket, i, sequence, second), 10 + ((i * 7919) % 100))
    }
    const secondsWarm = (second - startMs) / 1000 - warmSeconds
    if (secondsWarm === 0) {
      first = costOf(pid)
      firstMs = performance.now()
    }
    if (secondsWarm >= 0 && secondsWarm % lookSeconds === 0) residentMiB.push(mibOf(pid))
  }
  const last = costOf(pid)
  const passedSeconds = (performance.now() - firstMs) / 1000
  await until(Date.now() + 1500)
  for (const socket of sockets) socket.terminate()
  viewer.terminate()
  return {
    ...{ latencies, residentMiB },
    cpuShare: (last.cpuSeconds - first.cpuSeconds) / passedSeconds,
    waitedShare: (last.waitedSeconds - first.waitedSeconds) / passedSeconds,
  }
}

function mibOf(pid: number): number {
  return Math.round(costOf(pid).residentBytes / 2 ** 20)
}

function connect(url: string, agent: number): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${token}` }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/agents`, { headers })
  socket.on('error', error => {
    throw error
  })
  return new Promise(resolve => {
    socket.on('open', () => {
      const addresses = [`10.${agent >> 8}.${agent & 255}.1`]
      const hello = { type: 'hello', node: `n${agent}`, run: 'r', version: 'bench' } as const
      const identity = { hostNamespace: 'host', addresses, former: [], askedMs: 0 }
      socket.send(encodeAgentMessage({ ...hello, ...identity }))
      const groups = [groupOf(2 * agent), groupOf(2 * agent + 1)]
      socket.send(
        encodeAgentMessage({ type: 'groups', orchestrator: 'docker', isAll: true, groups }),
      )
      resolve(socket)
    })
  })
}

function addressOfService(i: number): string {
  return `172.30.${i >> 8}.${i & 255}`
}

function groupOf(i: number): ServiceGroup {
  return {
    service: { id: `swarm:s${i}`, name: `s${i}`, kind: 'swarm', group: [`g${i % 40}`] },
    instances: [
      {
        ...{ id: `docker:${i}`, name: `s${i}.1`, state: 'running', health: 'healthy' },
        ...{ restarts: 0, sinceMs: 0, namespace: `ns${i}`, published: [], mounts: [], labels: {} },
        addresses: [{ ip: addressOfService(i), network: 'overlay' }],
      },
    ],
  }
}

function tell(socket: WebSocket, agent: number, sequence: number, startMs: number): void {
  const windows = Array.from({ length: linksPerAgent }, (_, i) => windowOf(agent, i, startMs))
  const batch: WindowBatch = { startMs, windows, names: [] }
  socket.send(encodeAgentMessage({ type: 'windows', sequence, batch }))
}

function windowOf(agent: number, i: number, startMs: number): Window {
  const client = 2 * agent + (i & 1)
  const server = (client + 1 + i * 37) % services
  const count = 1 + ((agent + i) % 90)
  return {
    subject: {
      ...{ namespace: `ns${client}`, local: 'client', transport: 'tcp', protocol: 'http' },
      client: { ip: addressOfService(client), port: 0 },
      server: { ip: addressOfService(server), port: 80 },
    },
    counts: { ok: count, warning: 1, error: 0 },
    traffic: {
      ...emptyTraffic,
      requestBytes: 400 * count,
      responseBytes: 900 * count,
      packets: 2 * count,
    },
    latency: [120, count - 1, 130, 1, 160, 1],
    samples: [
      {
        ...{
          protocol: 'http',
          method: 'GET',
          resource: `/api/items/${i}`,
          status: '200',
          outcome: 'ok',
        },
        ...{ startUs: startMs * 1000 + i, durationUs: 1800, requestBytes: 400, responseBytes: 900 },
        ...{ gap: false, clientPort: 40_000 + i },
      },
    ],
  }
}

function nextSecond(): number {
  return Math.ceil(Date.now() / 1000) * 1000
}

function until(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, ms - Date.now())))
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
