import type { Room } from './density.ts'

/** 0: software rendering; 1: crisp, no glow; 2: light with a glow. */
export type Tier = 0 | 1 | 2

/** What a tier may spend. */
export interface Spending {
  readonly room: Room
  /** Device pixels a CSS pixel, at most. */
  readonly densityMax: number
  /** Least time between two frames, ms (0: as the screen asks). */
  readonly frameMs: number
  /** Nodes and names are kept as a picture and not drawn anew each frame. */
  readonly cachesTop: boolean
}

export const spendings: Readonly<Record<Tier, Spending>> = {
  0: { room: { bornMax: 900, bornMaxPerLink: 90 }, densityMax: 1, frameMs: 30, cachesTop: true },
  1: { room: { bornMax: 9000, bornMaxPerLink: 140 }, densityMax: 2, frameMs: 0, cachesTop: false },
  2: {
    room: { bornMax: 50_000, bornMaxPerLink: 180 },
    densityMax: 2,
    frameMs: 0,
    cachesTop: false,
  },
}

const windowFrames = 60
const slowMs = 30
const fastMs = 21
const settleMs = 3000
const backoffMs = 30_000

/** True for renderers that draw on the CPU, by the name they give themselves. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer)
}

/**
 * Chooses the tier by the time between frames: down after two seconds of slow frames, up after some seconds of fast
 * ones, and after each fall it waits twice as long before it tries again. A pinned tier never changes.
 */
export class Tiers {
  tier: Tier
  private readonly highest: Tier
  private readonly pinned: boolean
  private readonly intervals = new Float32Array(windowFrames)
  private filled = 0
  private sinceMs = 0
  private waitMs = settleMs
  private fallen = false

  constructor(options: { software: boolean; glow: boolean; pinned: Tier | undefined }) {
    this.pinned = options.pinned !== undefined
    this.highest = options.software ? 0 : options.glow ? 2 : 1
    const start = options.software ? 0 : 1
    this.tier = options.pinned === 2 && !options.glow ? 1 : (options.pinned ?? start)
  }

  /** Takes the time between two frames (ms); true when the tier changed. */
  frame(intervalMs: number, nowMs: number): boolean {
    if (this.pinned || intervalMs > 500) return false
    this.intervals[this.filled++ % windowFrames] = intervalMs
    if (this.filled < windowFrames) return false
    if (this.filled % 30 !== 0) return false
    const median = this.median()
    if (median > slowMs && this.tier > 0) return this.change((this.tier - 1) as Tier, nowMs, true)
    if (median > fastMs) this.sinceMs = nowMs
    const ready = nowMs - this.sinceMs > this.waitMs
    if (ready && this.tier < this.highest) return this.change((this.tier + 1) as Tier, nowMs, false)
    return false
  }

  private change(tier: Tier, nowMs: number, down: boolean): boolean {
    if (down) this.waitMs = this.fallen ? this.waitMs * 2 : backoffMs
    this.fallen ||= down
    this.tier = tier
    this.sinceMs = nowMs
    this.filled = 0
    return true
  }

  private median(): number {
    return this.intervals.slice().sort()[windowFrames >> 1]
  }
}
