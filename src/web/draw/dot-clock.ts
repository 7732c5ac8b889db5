/** The clock that dots live by: it never leaps, it only goes at another pace. */
export class DotClock {
  /** 1: as fast as time; a quarter: slow motion. */
  pace = 1
  private baseMs = 0
  private sinceMs = 0

  at(nowMs: number): number {
    // Until it has gone slower once it is time itself: a number worked out anew each frame would need a box.
    if (this.pace === 1 && this.baseMs === this.sinceMs) return nowMs
    return this.baseMs + (nowMs - this.sinceMs) * this.pace
  }

  setPace(pace: number, nowMs: number): void {
    this.baseMs = this.at(nowMs)
    this.sinceMs = nowMs
    this.pace = pace
  }
}
