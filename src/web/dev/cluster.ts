import { bucketCount, bucketOf, type Histogram, sparse } from '#lib/histogram.ts'
import type { AgentState, LogLine } from '#model/graph.ts'
import { homesOf } from '#model/node.ts'
import { outcomes } from '#model/transaction.ts'
import { type Counts, emptyCounts, emptyTraffic, mergeCounts } from '#model/window.ts'
import type { Frame, Names, Status } from '../state/feed.ts'
import { type DemoLink, type DemoService, instancesOf, links, services } from './shop.ts'
import { type DemoSecond, lineOf, secondOf } from './traffic.ts'

const secondsKept = 60
const linesKept = 600
const linesPerSecond = 12

/** The invented cluster as it goes on: one `tick` a second. */
export class DemoCluster {
  readonly #random: () => number
  readonly #seconds = new Map<string, DemoSecond[]>()
  readonly #lines = new Map<string, LogLine[]>()
  readonly startMs: number
  #sequence = 0
  #tickedMs = 0
  version = 1
  services: readonly DemoService[] = services
  links: readonly DemoLink[] = links
  agents: Partial<AgentState>[] = [{}]
  /** Ids of services whose agent is away. */
  unwatched: readonly string[] = []

  constructor(startMs: number, random: () => number) {
    this.startMs = startMs
    this.#random = random
  }

  /** Replaces what there is; the page gets new names. */
  become(services: readonly DemoService[], links: readonly DemoLink[]): void {
    this.services = services
    this.links = links
    this.version++
  }

  names(): { type: 'topology' } & Names {
    const homes = this.#homes()
    const index = new Map(this.services.map((service, i) => [service.id, i]))
    return {
      type: 'topology',
      version: this.version,
      services: this.services.map(({ id, name, kind, role, group, instances, health }) => ({
        id,
        name,
        kind,
        role,
        group,
        instances,
        health: health ?? 'unknown',
        watched: this.unwatched.includes(id) ? ('no' as const) : ('wholly' as const),
        away: this.unwatched.includes(id) ? ['demo-node-2'] : [],
        node: homes.get(id),
      })),
      links: this.links.map(link => ({
        id: link.id,
        protocol: link.protocol,
        client: index.get(link.client)!,
        server: index.get(link.server)!,
      })),
    }
  }

  #homes(): ReadonlyMap<string, string> {
    const placed = this.services.flatMap(service =>
      instancesOf(service, this.startMs).map(instance => ({
        service,
        instance,
        node: instance.node ?? '',
      })),
    )
    return homesOf(placed)
  }

  status(nowMs: number): { type: 'status' } & Status {
    const packets = Math.round((nowMs - this.startMs) * 3.1)
    return {
      type: 'status',
      atMs: nowMs,
      attribution: { score: 0.993, known: 99300, total: 100000 },
      agents: this.agents.map(agent => ({ ...demoAgent(packets, nowMs), ...agent })),
      orchestrators: [
        { name: 'docker', state: 'connected', text: 'Docker 28.3 with 14 containers' },
        { name: 'process', state: 'connected', text: '61 host processes' },
      ],
      droppedSamples: 0,
    }
  }

  /** One more second of traffic on all links. */
  tick(timeMs: number): Frame {
    this.#tickedMs = timeMs
    const columns = () => new Float32Array(this.links.length)
    const [ok, warning, error] = [columns(), columns(), columns()]
    const [p50Us, p99Us, bytes] = [columns(), columns(), columns()]
    this.links.forEach((link, i) => {
      const second = secondOf(link, Math.floor(timeMs / 1000), this.#random)
      keep(this.#seconds, link.id, [second], secondsKept)
      this.#log(link, second, timeMs)
      ok[i] = second.ok
      warning[i] = second.warning
      error[i] = second.error
      p50Us[i] = second.p50Us
      p99Us[i] = second.p99Us
      bytes[i] = second.bytes
    })
    return { version: this.version, timeMs, ok, warning, error, p50Us, p99Us, bytes }
  }

  #log(link: DemoLink, second: DemoSecond, timeMs: number): void {
    const client = this.services.find(({ id }) => id === link.client)!
    const server = this.services.find(({ id }) => id === link.server)!
    const drawn = outcomes.flatMap(outcome => {
      const count = Math.min(outcome === 'ok' ? linesPerSecond : 4, second[outcome])
      return Array.from({ length: count }, () => ({
        outcome,
        startUs: timeMs * 1000 + Math.floor(this.#random() * 999_000),
      }))
    })
    drawn.sort((a, b) => a.startUs - b.startUs)
    const lines = drawn.map(({ outcome, startUs }) =>
      lineOf(
        link,
        { client, server },
        { sequence: ++this.#sequence, startUs, outcome },
        this.#random,
      ),
    )
    keep(this.#lines, link.id, lines, linesKept)
  }

  /** What the server would answer to `GET /api/v1/services/:id`; undefined for an unknown one. */
  service(id: string) {
    const service = this.services.find(candidate => candidate.id === id)
    if (!service) return undefined
    return {
      service,
      instances: instancesOf(service, this.startMs),
      callers: this.links.filter(({ server }) => server === id).map(link => this.#figures(link)),
      calls: this.links.filter(({ client }) => client === id).map(link => this.#figures(link)),
    }
  }

  /** `GET /api/v1/links/:id`. */
  link(id: string) {
    const link = this.links.find(candidate => candidate.id === id)
    if (!link) return undefined
    return this.#figures(link)
  }

  /** `GET /api/v1/transactions`. */
  trace(query: URLSearchParams) {
    const all = [...this.#lines.values()].flat().sort((a, b) => a.startUs - b.startUs)
    return { lines: chosenOf(all, query) }
  }

  /** `GET /api/v1/links/:id/transactions`. */
  transactions(id: string, query: URLSearchParams) {
    return {
      lines: chosenOf(this.#lines.get(id) ?? [], query),
      total: (this.#seconds.get(id) ?? []).reduce<Counts>(mergeCounts, emptyCounts),
      windowMs: 60_000,
    }
  }

  #figures(link: DemoLink) {
    const seconds = this.#seconds.get(link.id) ?? []
    const counts = seconds.reduce<Counts>(mergeCounts, emptyCounts)
    const requests = counts.ok + counts.warning + counts.error
    const bytes = seconds.reduce((sum, second) => sum + second.bytes, 0)
    const mean = (pick: (second: DemoSecond) => number) =>
      seconds.reduce((sum, second) => sum + pick(second), 0) / Math.max(1, seconds.length)
    const { id, client, server, protocol } = link
    return {
      link: { id, client, server, protocol },
      client: this.services.find(service => service.id === client),
      server: this.services.find(service => service.id === server),
      counts,
      traffic: {
        ...emptyTraffic,
        requestBytes: Math.round(bytes * 0.2),
        responseBytes: Math.round(bytes * 0.8),
        packets: Math.round(requests * 4.2),
        connections: Math.round(requests / 30),
        failures: Math.round(counts.error / 6),
        retransmissions: Math.round(requests / 900),
        lostBytes: link.protocol === 'amqp' ? 18_400 : 0,
      },
      requestsPerSecond: requests / Math.max(1, seconds.length),
      errorShare: counts.error / Math.max(1, requests),
      warningShare: counts.warning / Math.max(1, requests),
      latency: latencyOf(
        mean(second => second.p50Us),
        requests,
      ),
      lastMs: this.#tickedMs + 1000,
      p50Us: mean(second => second.p50Us),
      p90Us: mean(second => second.p50Us) * 2.6,
      p99Us: mean(second => second.p99Us),
      bytesPerSecond: bytes / Math.max(1, seconds.length),
    }
  }
}

/** Those that a query asks for, newest first. */
function chosenOf(lines: readonly LogLine[], query: URLSearchParams): LogLine[] {
  const trace = query.get('trace')
  const outcome = query.get('outcome')
  const after = Number(query.get('after') ?? -1)
  const text = (query.get('text') ?? '').toLowerCase()
  const slowerUs = Number(query.get('slower') ?? 0) * 1000
  const [since, until] = [Number(query.get('since') ?? 0), Number(query.get('until') ?? Infinity)]
  const found = lines.filter(
    line =>
      line.sequence > after &&
      (!trace || line.traceId === trace) &&
      line.startUs / 1000 >= since &&
      line.startUs / 1000 < until &&
      (!outcome || line.outcome === outcome) &&
      (line.durationUs ?? 0) >= slowerUs &&
      textOf(line).toLowerCase().includes(text),
  )
  return found.reverse().slice(0, Number(query.get('limit') ?? 200))
}

const textOf = ({ method, resource, status, client, server, traceId }: LogLine) =>
  [method, resource, status, client.instance, server.instance, traceId].join(' ')

function keep<T>(rings: Map<string, T[]>, id: string, values: readonly T[], most: number): void {
  const ring = rings.get(id) ?? []
  ring.push(...values)
  ring.splice(0, ring.length - most)
  rings.set(id, ring)
}

/** A log-normal histogram around a median. */
function latencyOf(p50Us: number, requests: number): Histogram {
  const counts = new Array<number>(bucketCount).fill(0)
  for (let step = -30; step <= 60; step++) {
    const weight = Math.exp(-(step ** 2) / (step < 0 ? 120 : 500))
    counts[bucketOf(p50Us * 1.07 ** step)] += Math.round((requests * weight) / 40)
  }
  return sparse(counts)
}

const demoAgent = (packets: number, nowMs: number): AgentState => ({
  node: 'demo-node',
  version: 'demo',
  namespaces: 16,
  packets,
  drops: 0,
  flows: 812,
  evictedFlows: 0,
  droppedSamples: 0,
  foldedWindows: 0,
  cpuShare: 0.021,
  residentBytes: 84_000_000,
  backlogSeconds: 0,
  backlogBytes: 0,
  droppedSeconds: 0,
  droppedWindows: 0,
  notices: [],
  connected: true,
  lastMs: nowMs,
})
