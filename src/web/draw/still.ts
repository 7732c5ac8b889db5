import type { Births } from './births.ts'
import { type Outcome, travelMaxMs } from './schedule.ts'

/** The time at which the picture stands in reduced motion: far enough from 0 that no birth wraps. */
export const stillMs = 20_000
const chevronsMax = 16

/** What is known of one link and outcome: dots a second. */
export interface StillRate {
  readonly link: number
  readonly outcome: Outcome
  readonly dotsPerSecond: number
}

/**
 * Fills a ring with a standing picture: marks along each link, more where there is more. A mark's place depends on
 * its link and on how many there are, so nothing moves while the rates stay about what they were.
 */
export function fillStill(ring: Births, rates: Iterable<StillRate>): void {
  const travel = travelMaxMs / 2
  ring.clear()
  ring.open({ startMs: stillMs - travel * 0.8, lengthMs: travel * 0.72 })
  for (const { link, outcome, dotsPerSecond } of rates) {
    if (dotsPerSecond <= 0) continue
    const wanted = Math.round(2 * Math.log2(1 + dotsPerSecond * 2))
    ring.add(link, outcome, Math.min(chevronsMax, Math.max(1, wanted)), travel)
  }
}
