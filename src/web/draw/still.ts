import type { Births } from './births.ts'
import { firstWord, type Outcome, secondWord, travelMaxMs } from './schedule.ts'

/** The time at which the picture stands in reduced motion: far enough from 0 that no birth wraps. */
export const stillMs = 20_000
const chevronsMax = 16

/** What is known of one link and outcome: dots a second. */
export interface StillRate {
  readonly link: number
  readonly outcome: Outcome
  readonly dotsPerSecond: number
}

/** Neither fast nor slow, neither left nor right of the line. */
const plainSeed = 0x8080
/** Where in its share a mark stands, so that marks of different outcomes do not cover each other. */
const shares: Readonly<Record<Outcome, number>> = { 0: 0.5, 1: 0.2, 2: 0.8, 3: 0.5 }

/**
 * Fills a ring with a standing picture: marks along each link, more where there is more. A mark's place depends on
 * its link and on how many there are, so nothing moves while the rates stay about what they were.
 */
export function fillStill(ring: Births, rates: Iterable<StillRate>): void {
  const travel = travelMaxMs / 2
  ring.clear()
  ring.open({ startMs: stillMs - travel, lengthMs: travel })
  for (const { link, outcome, dotsPerSecond } of rates) {
    if (dotsPerSecond <= 0) continue
    const wanted = Math.round(2 * Math.log2(1 + dotsPerSecond * 2))
    const count = Math.min(chevronsMax, Math.max(1, wanted))
    const first = firstWord(link, outcome, travel)
    for (let i = 0; i < count; i++) {
      const part = 0.08 + (0.84 * (i + shares[outcome])) / count
      ring.put(first, secondWord(stillMs - part * travel, plainSeed))
    }
  }
}
