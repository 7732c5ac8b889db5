import type { Page } from './births.ts'

/** A page begins about this long after its frame came, so that a frame that is a little late still finds its place. */
const leadMs = 250
/** A page that would begin later than this is skipped: a burst after a pause must not pile up. */
const aheadMaxMs = 1300
const pageMs = 1000
const gapMaxMs = 2500
/** Pages whose seconds are remembered: longer than any dot is on its way. */
const rememberedMax = 64

/**
 * Gives each second of data its stretch of the display clock: one after the other, a quarter of a second after it
 * came. Frames that come late begin late (a lull, never dots that appear half-way); of a burst only the last counts.
 */
export class PageClock {
  private lastTimeMs = Number.NaN
  private endMs = 0
  private last: Page = { startMs: 0, lengthMs: 0 }
  private readonly given: { readonly page: Page; readonly timeMs: number }[] = []

  /** The page of the frame of `timeMs` that came at `nowMs`; undefined: skip it. */
  place(timeMs: number, nowMs: number): Page | undefined {
    const missed = (timeMs - this.lastTimeMs - pageMs) | 0
    if (timeMs <= this.lastTimeMs && timeMs > this.lastTimeMs - 60_000) return undefined
    const target = nowMs + leadMs
    const next = this.endMs + Math.min(gapMaxMs, Math.max(0, missed))
    if (next > nowMs + aheadMaxMs) return undefined
    this.lastTimeMs = timeMs
    const startMs = next >= nowMs + 20 && this.last.lengthMs > 0 ? next : target
    const lengthMs = pageMs + Math.min(50, Math.max(-50, (target - startMs) * 0.15))
    this.endMs = startMs + lengthMs
    this.last = { startMs, lengthMs }
    this.given.push({ page: this.last, timeMs })
    if (this.given.length > rememberedMax) this.given.shift()
    return this.last
  }

  /** Whether the next page would begin about now; slow motion shows no second before that. */
  isDue(nowMs: number): boolean {
    return this.endMs <= nowMs + 2 * leadMs
  }

  /** A second that is not shown, and leaves no lull. */
  skip(timeMs: number): undefined {
    this.lastTimeMs = timeMs
  }

  /** The second of data whose dots were born at that time of the display clock, ms since the epoch. */
  secondAt(displayMs: number): number | undefined {
    // The birth of a dot is kept in whole milliseconds, rounded down.
    const isIn = ({ page }: { readonly page: Page }) =>
      page.startMs - 1 <= displayMs && displayMs < page.startMs + page.lengthMs
    return this.given.findLast(isIn)?.timeMs
  }
}
