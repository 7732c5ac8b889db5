import { addBucket, addHistogram } from '#lib/histogram.ts'
import type { Packed, PackedReader } from '#lib/packed.ts'
import type { Link, LinkWindow } from '#model/graph.ts'
import { type Counts, emptyCounts, emptyTraffic, type Traffic } from '#model/window.ts'

/** What happened, wherever. */
export type Figures = Pick<LinkWindow, 'counts' | 'traffic' | 'latency'>

type Growing<T> = { -readonly [key in keyof T]: T[key] }

/** What happened, summed in place as it becomes known. */
export class Tally implements Figures {
  readonly counts: Growing<Counts> = { ...emptyCounts }
  readonly traffic: Growing<Traffic> = { ...emptyTraffic }
  readonly latency: number[] = []

  add({ counts, traffic, latency }: Figures): void {
    this.counts.ok += counts.ok
    this.counts.warning += counts.warning
    this.counts.error += counts.error
    this.traffic.requestBytes += traffic.requestBytes
    this.traffic.responseBytes += traffic.responseBytes
    this.traffic.packets += traffic.packets
    this.traffic.retransmissions += traffic.retransmissions
    this.traffic.lostBytes += traffic.lostBytes
    this.traffic.connections += traffic.connections
    this.traffic.failures += traffic.failures
    addHistogram(this.latency, latency)
  }
}

/** The same of a link. */
export class Sum<L extends Link = Link> extends Tally implements LinkWindow {
  readonly link: L

  constructor(link: L) {
    super()
    this.link = link
  }

  /** The sum as it is now: it stays so. */
  copy(): LinkWindow {
    const { link, counts, traffic, latency } = this
    return { link, counts: { ...counts }, traffic: { ...traffic }, latency: [...latency] }
  }
}

/** Writes figures as numbers in a row: the counts, the traffic, how many buckets, then each bucket and its count. */
export function packFigures(into: Packed, { counts, traffic, latency }: Figures): void {
  into.push(counts.ok)
  into.push(counts.warning)
  into.push(counts.error)
  into.push(traffic.requestBytes)
  into.push(traffic.responseBytes)
  into.push(traffic.packets)
  into.push(traffic.retransmissions)
  into.push(traffic.lostBytes)
  into.push(traffic.connections)
  into.push(traffic.failures)
  into.push(latency.length >> 1)
  for (let i = 0; i < latency.length >> 1; i++) {
    into.push(latency[2 * i])
    into.push(latency[2 * i + 1])
  }
}

/** Numbers before the one that says how many buckets there are. */
const leadingNumbers = 10

/** Passes over what `packFigures` wrote. */
export function skipFigures(from: PackedReader): void {
  from.skip(leadingNumbers)
  from.skip(2 * from.next())
}

/** Adds to `sum` what `packFigures` wrote. */
export function unpackFigures(from: PackedReader, sum: Tally): void {
  const { counts, traffic, latency } = sum
  counts.ok += from.next()
  counts.warning += from.next()
  counts.error += from.next()
  traffic.requestBytes += from.next()
  traffic.responseBytes += from.next()
  traffic.packets += from.next()
  traffic.retransmissions += from.next()
  traffic.lostBytes += from.next()
  traffic.connections += from.next()
  traffic.failures += from.next()
  let at = 0
  for (let left = from.next(); left > 0; left--) {
    at = addBucket(latency, from.next(), from.next(), at)
  }
}
