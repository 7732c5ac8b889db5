import { type Histogram, mergeHistograms, quantileUs } from '#lib/histogram.ts'
import type { Graph } from '#model/graph.ts'
import { type Counts, mergeCounts } from '#model/window.ts'
import { harmless } from './names.ts'
import type { VizceralConnection, VizceralNotice } from './schema.ts'

/** Shares of errors from which on things look so: as Vizceral's sample application has it. */
const warningShare = 0.03
const dangerShare = 0.1

export type TrafficClass = 'normal' | 'warning' | 'danger'

interface Pair {
  readonly source: string
  readonly target: string
  readonly counts: Counts
  readonly latency: Histogram
  readonly bytes: number
  readonly lostBytes: number
  readonly protocols: readonly string[]
}

/** `normal`, `warning` or `danger`: by the share of errors. */
export function classOf(counts: Counts): TrafficClass {
  const share = counts.error / Math.max(1, counts.ok + counts.warning + counts.error)
  if (share > dangerShare) return 'danger'
  return share > warningShare ? 'warning' : 'normal'
}

/** Requests per second by class, over a window. */
export function metricsOf({ ok, warning, error }: Counts, windowMs: number) {
  const perSecond = (count: number) => (count * 1000) / windowMs
  return { normal: perSecond(ok), warning: perSecond(warning), danger: perSecond(error) }
}

/** Vizceral knows one connection from a node to another: all protocols of two services are one. */
export function connectionsOf(
  { links, windowMs }: Graph,
  names: ReadonlyMap<string, string>,
): VizceralConnection[] {
  const pairs = new Map<string, Pair>()
  for (const { link, counts, latency, traffic } of links) {
    const [source, target] = [names.get(link.client), names.get(link.server)]
    if (source === undefined || target === undefined) continue
    const key = `${source}\n${target}`
    const before = pairs.get(key)
    pairs.set(key, {
      source,
      target,
      counts: before ? mergeCounts(before.counts, counts) : counts,
      latency: before ? mergeHistograms(before.latency, latency) : latency,
      bytes: (before?.bytes ?? 0) + traffic.requestBytes + traffic.responseBytes,
      lostBytes: (before?.lostBytes ?? 0) + traffic.lostBytes,
      protocols: [...(before?.protocols ?? []), link.protocol],
    })
  }
  return [...pairs.values()].map(pair => connectionOf(pair, windowMs))
}

/** Latency and loss are metadata and notices, never metrics: those would be drawn as traffic. */
function connectionOf(pair: Pair, windowMs: number): VizceralConnection {
  const { source, target, counts, latency } = pair
  return {
    source,
    target,
    metrics: metricsOf(counts, windowMs),
    class: classOf(counts),
    notices: noticesOf(pair),
    metadata: {
      protocols: pair.protocols.map(harmless),
      p50Ms: milliseconds(quantileUs(latency, 0.5)),
      p99Ms: milliseconds(quantileUs(latency, 0.99)),
      bytesPerSecond: (pair.bytes * 1000) / windowMs,
      lostBytes: pair.lostBytes,
    },
  }
}

const milliseconds = (us: number | undefined) => (us === undefined ? null : us / 1000)

function noticesOf({ counts, lostBytes }: Pair): VizceralNotice[] {
  const notices: VizceralNotice[] = []
  const total = counts.ok + counts.warning + counts.error
  const severity = { normal: 0, warning: 1, danger: 2 } as const
  const trafficClass = classOf(counts)
  if (trafficClass !== 'normal') {
    const title = `${Math.round((counts.error / total) * 100)} % errors`
    notices.push({ title, severity: severity[trafficClass] })
  }
  if (lostBytes > 0) notices.push({ title: `${lostBytes} bytes passed unseen`, severity: 1 })
  return notices
}
