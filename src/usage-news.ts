import type { InstanceUsage, Usage } from '#model/service.ts'

/** How often the containers of this node are measured: each ten seconds, asked each second. */
const everyMs = 9_500
/** What is as it was is told anew so often. */
const anewMs = 60_000
/** A change of less than this share, or of less than that, is none. */
const shareMin = 0.05
const cpusMin = 0.005
const bytesMin = 1024 * 1024

/** Who measures the containers of this node. */
export interface Meter {
  measure(nowMs: number): ReadonlyMap<string, Usage>
}

/**
 * What is told of what containers take: measured each ten seconds, told where it changed by more than a few per cent, and
 * all of it now and then and to a server that knows nothing.
 */
export class UsageNews {
  readonly #meter: Meter
  #told = new Map<string, { readonly usage: Usage; readonly atMs: number }>()
  #openings = -1
  #measuredMs = Number.NEGATIVE_INFINITY

  constructor(meter: Meter) {
    this.#meter = meter
  }

  /** What is to be told now; `openings`: how often the way to a server was opened, 0: there is none yet. */
  next(nowMs: number, openings: number): InstanceUsage[] {
    const isNew = openings !== this.#openings
    if (openings === 0 || (!isNew && nowMs < this.#measuredMs + everyMs)) return []
    if (isNew) this.#told.clear()
    this.#openings = openings
    this.#measuredMs = nowMs
    const before = this.#told
    this.#told = new Map()
    const news: InstanceUsage[] = []
    for (const [id, usage] of this.#meter.measure(nowMs)) {
      const told = before.get(id)
      const isSame = told && nowMs < told.atMs + anewMs && isAlike(told.usage, usage)
      this.#told.set(id, isSame ? told : { usage, atMs: nowMs })
      if (!isSame) news.push({ id, ...usage })
    }
    return news
  }
}

function isAlike(a: Usage, b: Usage): boolean {
  if (a.cpusMax !== b.cpusMax || a.memoryBytesMax !== b.memoryBytesMax) return false
  return isNear(a.cpus, b.cpus, cpusMin) && isNear(a.memoryBytes, b.memoryBytes, bytesMin)
}

function isNear(a: number | undefined, b: number | undefined, least: number): boolean {
  if (a === undefined || b === undefined) return a === b
  return Math.abs(a - b) <= Math.max(least, a * shareMin)
}
