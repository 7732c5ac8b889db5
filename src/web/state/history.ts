import type { Frame, Topology } from './feed.ts'

/** Link-seconds that are kept: 24 bytes each, so at most 24 MB whatever the size of the cluster. */
export const linkSecondsMax = 1_000_000
/** Seconds that are kept when there are few links: a quarter of an hour. */
export const secondsMax = 900
/** Seconds that are kept however many links there are, because figures of "now" need them. */
export const secondsMin = 30
/** Services and links whose names are kept with the seconds that they are the names of: some 60 MB. */
export const namesMax = 200_000

interface Second {
  readonly topology: Topology
  readonly frame: Frame
  /** Over all links, per second: asked for at every drawing, so added up once. */
  readonly requests: number
  readonly errors: number
}

/** Rates and latencies of a set of links, second by second, oldest first. */
export interface Series {
  readonly requests: readonly number[]
  /** 0 to 1. */
  readonly errorShare: readonly number[]
  readonly p99Us: readonly number[]
}

/** The frames since the page was opened, up to a limit. A frame keeps the names that its columns follow. */
export class History {
  #seconds: Second[] = []
  /** Services and links of all topologies that the seconds follow. */
  #names = 0

  get length(): number {
    return this.#seconds.length
  }

  push(topology: Topology, frame: Frame): void {
    const errors = sum(frame.error)
    const requests = sum(frame.ok) + sum(frame.warning) + errors
    if (this.#seconds.at(-1)?.topology !== topology) this.#names += namesIn(topology)
    this.#seconds.push({ topology, frame, requests, errors })
    const links = Math.max(1, topology.links.length)
    const kept = Math.min(secondsMax, Math.max(secondsMin, Math.floor(linkSecondsMax / links)))
    this.#forget(kept)
  }

  /** Down to so many seconds, and to as many names as may be kept. */
  #forget(kept: number): void {
    const seconds = this.#seconds
    let oldest = 0
    const isTooMuch = () => {
      const left = seconds.length - oldest
      return left > kept || (left > secondsMin && this.#names > namesMax)
    }
    for (; isTooMuch(); oldest++) {
      const { topology } = seconds[oldest]
      if (seconds[oldest + 1]?.topology !== topology) this.#names -= namesIn(topology)
    }
    if (oldest > 0) seconds.splice(0, oldest)
  }

  /** The newest `count` seconds, oldest first. */
  newest(count: number): readonly Second[] {
    return this.#seconds.slice(-count)
  }

  /** The sum over the links with these ids, for the newest `count` seconds. */
  series(linkIds: readonly string[], count: number): Series {
    const requests: number[] = []
    const errorShare: number[] = []
    const p99Us: number[] = []
    for (const second of this.newest(count)) {
      const sum = sumOf(second, linkIds)
      requests.push(sum.requests)
      errorShare.push(sum.requests > 0 ? sum.errors / sum.requests : 0)
      p99Us.push(sum.p99Us)
    }
    return { requests, errorShare, p99Us }
  }

  /** Requests and errors per second over all links, for the newest `count` seconds. */
  totals(count: number): { requests: number[]; errors: number[] } {
    const newest = this.newest(count)
    return {
      requests: newest.map(({ requests }) => requests),
      errors: newest.map(({ errors }) => errors),
    }
  }
}

const namesIn = ({ services, links }: Topology) => services.length + links.length

function sumOf({ topology, frame }: Second, linkIds: readonly string[]) {
  let requests = 0
  let errors = 0
  let p99Us = 0
  for (const id of linkIds) {
    const index = topology.linkIndex.get(id)
    if (index === undefined) continue
    requests += frame.ok[index] + frame.warning[index] + frame.error[index]
    errors += frame.error[index]
    p99Us = Math.max(p99Us, frame.p99Us[index])
  }
  return { requests, errors, p99Us }
}

function sum(values: Float32Array): number {
  let total = 0
  for (const value of values) total += value
  return total
}
