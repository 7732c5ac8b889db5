import { type ClockSample, FarClock } from '#lib/far-clock.ts'
import type { ServiceGroup } from '#model/service.ts'
import type { WindowBatch } from '#model/window.ts'

export interface OwnClock {
  wallMs(): number
  /** Never set, never stands still; the same for all processes of a machine. */
  steadyMs(): number
}

export const ownClock: OwnClock = {
  wallMs: () => Date.now(),
  steadyMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
}

/** Beside half of the way, what two clocks may differ and be called the same. */
const sameMs = 2

/**
 * The server's time on this node. All that is told is stamped with it, so that the seconds of all nodes line up, also
 * those of a machine whose clock is wrong.
 */
export class ServerTime {
  readonly own: OwnClock
  readonly #far = new FarClock()
  /** The server's clock minus our steady one, moved only when it is worth it. */
  #offsetMs: number | undefined

  constructor(own: OwnClock) {
    this.own = own
  }

  /** Our wall clock minus our steady one. */
  get skewMs(): number {
    return this.own.wallMs() - this.own.steadyMs()
  }

  /** The server's clock minus our wall clock, whole ms; undefined before it was ever asked. */
  get shiftMs(): number | undefined {
    return this.shiftAt(this.skewMs)
  }

  get roundTripMs(): number | undefined {
    return this.#far.roundTripMs
  }

  /** What to add to a time that was read off the wall clock when the skew was that. */
  shiftAt(skewMs: number): number | undefined {
    if (this.#offsetMs === undefined) return undefined
    const shiftMs = Math.round(this.#offsetMs - skewMs)
    return Math.abs(shiftMs) <= this.#doubtMs ? 0 : shiftMs
  }

  hear(sample: ClockSample): void {
    this.#far.hear(sample)
    const measured = this.#far.offsetMs
    if (measured === undefined) return
    const moved = Math.abs(measured - (this.#offsetMs ?? Number.POSITIVE_INFINITY))
    if (moved > this.#doubtMs) this.#offsetMs = measured
  }

  /** It is another server now. */
  forget(): void {
    this.#far.reset()
  }

  get #doubtMs(): number {
    return sameMs + (this.roundTripMs ?? 0) / 2
  }
}

/** Sample times moved; the second itself begins when it began by the server's clock already. */
export function shiftSamples(batch: WindowBatch, shiftMs: number): WindowBatch {
  if (shiftMs === 0) return batch
  const windows = batch.windows.map(window => ({
    ...window,
    samples: window.samples.map(sample => ({
      ...sample,
      startUs: sample.startUs + shiftMs * 1000,
    })),
  }))
  return { ...batch, windows }
}

/** A whole second moved, to where a second of the server begins. */
export function shiftSecond(batch: WindowBatch, shiftMs: number): WindowBatch {
  const startMs = Math.round((batch.startMs + shiftMs) / 1000) * 1000
  return { ...shiftSamples(batch, shiftMs), startMs }
}

export function shiftGroups(
  groups: readonly ServiceGroup[],
  shiftMs: number,
): readonly ServiceGroup[] {
  if (shiftMs === 0) return groups
  return groups.map(group => ({
    ...group,
    instances: group.instances.map(each => ({ ...each, sinceMs: each.sinceMs + shiftMs })),
  }))
}
