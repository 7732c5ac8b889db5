import type { Topology } from './feed.ts'
import type { History } from './history.ts'

/** Figures of links "now", by link index: per second, shares 0 to 1, latencies in us (0: none). */
export interface LinkColumns {
  readonly requests: Float64Array
  readonly errors: Float64Array
  readonly errorShare: Float64Array
  readonly warningShare: Float64Array
  readonly p50Us: Float64Array
  readonly p99Us: Float64Array
  readonly bytes: Float64Array
}

/** Figures of services "now", by service index. Shares and latency are of what they answer. */
export interface ServiceColumns {
  readonly requests: Float64Array
  readonly calls: Float64Array
  readonly errorShare: Float64Array
  readonly warningShare: Float64Array
  readonly p99Us: Float64Array
}

/** The whole cluster "now". `p99Us` is estimated, see `mixtureP99Us`. */
export interface Totals {
  readonly requests: number
  readonly errorShare: number
  readonly p99Us: number
}

/**
 * The mean over the newest `seconds` of a history, in the order of `topology`. p50 is weighted by requests; p99 is the
 * worst second's, because quantiles do not add up.
 */
export function linkFigures(history: History, topology: Topology, seconds: number): LinkColumns {
  const count = topology.links.length
  const columns = () => new Float64Array(count)
  const [requests, errors, errorShare, warningShare] = [columns(), columns(), columns(), columns()]
  const [p50Us, p99Us, bytes] = [columns(), columns(), columns()]
  const newest = history.newest(seconds)
  for (const second of newest) {
    for (let i = 0; i < count; i++) {
      const at =
        second.topology === topology ? i : second.topology.linkIndex.get(topology.links[i].id)
      if (at === undefined) continue
      const { ok, warning, error } = second.frame
      const all = ok[at] + warning[at] + error[at]
      requests[i] += all
      errors[i] += error[at]
      warningShare[i] += warning[at]
      p50Us[i] += second.frame.p50Us[at] * all
      p99Us[i] = Math.max(p99Us[i], second.frame.p99Us[at])
      bytes[i] += second.frame.bytes[at]
    }
  }
  const over = Math.max(1, newest.length)
  for (let i = 0; i < count; i++) {
    const all = Math.max(requests[i], Number.MIN_VALUE)
    errorShare[i] = errors[i] / all
    warningShare[i] /= all
    p50Us[i] /= all
    requests[i] /= over
    errors[i] /= over
    bytes[i] /= over
  }
  return { requests, errors, errorShare, warningShare, p50Us, p99Us, bytes }
}

/** Sums the links of each service. */
export function serviceFigures(topology: Topology, links: LinkColumns): ServiceColumns {
  const count = topology.services.length
  const columns = () => new Float64Array(count)
  const [requests, calls, errorShare, warningShare, p99Us] = Array.from({ length: 5 }, columns)
  for (let i = 0; i < count; i++) {
    for (const link of topology.incoming[i]) {
      requests[i] += links.requests[link]
      errorShare[i] += links.errors[link]
      warningShare[i] += links.warningShare[link] * links.requests[link]
      p99Us[i] = Math.max(p99Us[i], links.p99Us[link])
    }
    for (const link of topology.outgoing[i]) calls[i] += links.requests[link]
    const all = Math.max(requests[i], Number.MIN_VALUE)
    errorShare[i] /= all
    warningShare[i] /= all
  }
  return { requests, calls, errorShare, warningShare, p99Us }
}

/** Sums all links. */
export function totalsOf(links: LinkColumns): Totals {
  let requests = 0
  let errors = 0
  for (let i = 0; i < links.requests.length; i++) {
    requests += links.requests[i]
    errors += links.errors[i]
  }
  return {
    requests,
    errorShare: requests > 0 ? errors / requests : 0,
    p99Us: mixtureP99Us(links),
  }
}

/** How many standard deviations above the median the 99th percentile of a normal distribution lies. */
const z99 = 2.3263
/** Halvings of the range: it is at most a few decades wide, so the answer is within a thousandth. */
const bisections = 14

/**
 * The 99th percentile over all links, in us; 0 when nothing is known. Quantiles of links do not add up, so each link is
 * taken as log-normal through its median and its p99, and the mixture's quantile is found by bisection.
 */
export function mixtureP99Us(links: LinkColumns): number {
  const mixture = mixtureOf(links)
  if (mixture.total === 0) return 0
  let { low, high } = mixture
  for (let step = 0; step < bisections; step++) {
    const middle = (low + high) / 2
    if (above(mixture, middle) > 0.01 * mixture.total) low = middle
    else high = middle
  }
  return Math.exp(high)
}

/** The timed links as normal distributions of the logarithm of their latency, and the range of all. */
interface Mixture {
  readonly count: number
  readonly total: number
  readonly low: number
  readonly high: number
  readonly requests: Float64Array
  readonly median: Float64Array
  /** One over the standard deviation. */
  readonly steepness: Float64Array
}

function mixtureOf(links: LinkColumns): Mixture {
  const [requests, median, steepness] = Array.from(
    { length: 3 },
    () => new Float64Array(links.requests.length),
  )
  let [count, total, low, high] = [0, 0, Number.POSITIVE_INFINITY, 0]
  for (let i = 0; i < links.requests.length; i++) {
    if (!(links.p99Us[i] > 0) || !(links.p50Us[i] > 0) || links.requests[i] === 0) continue
    const slowest = Math.log(links.p99Us[i])
    requests[count] = links.requests[i]
    median[count] = Math.log(links.p50Us[i])
    steepness[count] = z99 / Math.max(0.001, slowest - median[count])
    total += requests[count]
    low = Math.min(low, median[count])
    high = Math.max(high, slowest)
    count++
  }
  return { count, total, low, high, requests, median, steepness }
}

/** Requests per second whose latency has a greater logarithm. */
function above({ count, requests, median, steepness }: Mixture, logarithm: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += requests[i] * normalTail((logarithm - median[i]) * steepness[i])
  }
  return sum
}

/** P(Z > z) of the standard normal, within 1e-4 (Abramowitz and Stegun 26.2.18). */
function normalTail(z: number): number {
  const x = Math.abs(z)
  const base = 1 + x * (0.196854 + x * (0.115194 + x * (0.000344 + x * 0.019527)))
  const square = base * base
  const tail = 0.5 / (square * square)
  return z < 0 ? 1 - tail : tail
}
