import { type Histogram, mergeHistograms, middleUs } from '#lib/histogram.ts'
import type { LinkWindow } from '#model/graph.ts'
import type { Service, ServiceKind } from '#model/service.ts'
import { type Counts, mergeCounts, mergeTraffic, type Traffic } from '#model/window.ts'
import type { Facts } from '../format.ts'
import { nameOf } from '../names.ts'
import type { HistogramMetric, HistogramSeries, Labels, Metric } from './exposition.ts'

/** Links in one exposition, the longest known first: more would be some tens of megabytes a scrape. */
const linksMax = 2000

/** Upper bounds of the latency buckets, in seconds. */
const bounds = [
  0.0005,
  0.001,
  0.002,
  0.004,
  0.008,
  0.016,
  0.032,
  0.064,
  0.125,
  0.25,
  0.5,
  1,
  2,
  4,
  8,
  16,
  Number.POSITIVE_INFINITY,
]

interface Total {
  readonly labels: Labels
  readonly counts: Counts
  readonly traffic: Traffic
  readonly latency: Histogram
}

/**
 * Links as counters and histograms, under the names that the service-graph processors of Tempo and OpenTelemetry gave
 * them, so that dashboards made for those show ours.
 */
export function linkMetrics({ graph, totals }: Facts): (Metric | HistogramMetric)[] {
  const links = totalsByLabels(graph.services, totals.slice(0, linksMax))
  const counter = (name: string, help: string, value: (total: Total) => number): Metric => ({
    name,
    type: 'counter',
    help,
    series: links.map(total => ({ labels: total.labels, value: value(total) })),
  })
  return [
    counter(
      'traces_service_graph_request_total',
      'Transactions from client to server.',
      ({ counts }) => counts.ok + counts.warning + counts.error,
    ),
    counter(
      'traces_service_graph_request_failed_total',
      'Transactions that failed by the fault of the server.',
      ({ counts }) => counts.error,
    ),
    {
      name: 'traces_service_graph_request_server_seconds',
      type: 'histogram',
      help: 'First byte of the request to last byte of the response, as seen on the wire.',
      bounds,
      series: links.map(latencySeries),
    },
    counter(
      'inkling_link_warnings_total',
      'Transactions that failed by the fault of the client, or were served degraded.',
      ({ counts }) => counts.warning,
    ),
    ...trafficMetrics(counter),
    leftOut(totals.length),
  ]
}

type Counter = (name: string, help: string, value: (total: Total) => number) => Metric

function trafficMetrics(counter: Counter): Metric[] {
  const figure = (name: string, help: string, key: keyof Traffic) =>
    counter(`inkling_link_${name}_total`, help, ({ traffic }) => traffic[key])
  return [
    figure('request_bytes', 'Bytes that the client sent.', 'requestBytes'),
    figure('response_bytes', 'Bytes that the server sent.', 'responseBytes'),
    figure('retransmissions', 'Packets that were sent again.', 'retransmissions'),
    figure('lost_bytes', 'Bytes that passed unseen.', 'lostBytes'),
    figure('connections', 'Connections opened.', 'connections'),
    figure('failures', 'Connections refused, unanswered or reset.', 'failures'),
  ]
}

function leftOut(known: number): Metric {
  const value = Math.max(0, known - linksMax)
  const help = 'Links left out of this exposition because there are too many.'
  return { name: 'inkling_links_left_out', type: 'gauge', help, series: [{ labels: {}, value }] }
}

/** Two links whose labels are alike would make one series twice: they are one. */
function totalsByLabels(services: readonly Service[], totals: readonly LinkWindow[]): Total[] {
  const known = new Map(services.map(service => [service.id, service]))
  const merged = new Map<string, Total>()
  for (const { link, counts, traffic, latency } of totals) {
    const labels = labelsOf(link.protocol, link.client, link.server, known)
    const key = Object.values(labels).join('\n')
    const before = merged.get(key)
    merged.set(key, {
      labels,
      counts: before ? mergeCounts(before.counts, counts) : counts,
      traffic: before ? mergeTraffic(before.traffic, traffic) : traffic,
      latency: before ? mergeHistograms(before.latency, latency) : latency,
    })
  }
  return [...merged.values()]
}

function labelsOf(
  protocol: string,
  client: string,
  server: string,
  known: ReadonlyMap<string, Service>,
): Labels {
  const ends = [known.get(client), known.get(server)]
  const [clientName, serverName] = ends.map((end, i) => (end ? nameOf(end) : [client, server][i]))
  const isOutside = ends.some(end => end && outside.includes(end.kind))
  return {
    client: clientName,
    server: serverName,
    connection_type: isOutside ? 'virtual_node' : '',
    protocol,
  }
}

const outside: readonly ServiceKind[] = ['internet', 'external']

/** Each of our buckets (3 % wide) counts as its middle: by the same one at every scrape, so the sums only grow. */
function latencySeries({ labels, latency }: Total): HistogramSeries {
  const counts = new Array<number>(bounds.length).fill(0)
  let sumUs = 0
  for (let i = 0; i < latency.length; i += 2) {
    const us = middleUs(latency[i])
    sumUs += us * latency[i + 1]
    counts[bounds.findIndex(bound => us <= bound * 1e6)] += latency[i + 1]
  }
  let below = 0
  const cumulative = counts.map(count => {
    below += count
    return below
  })
  return { labels, cumulative, sum: sumUs / 1e6 }
}
