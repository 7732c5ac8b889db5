/** The clock that dots live by: it never leaps, it only goes at another pace. */
export class DotClock {
  /** 1: as fast as time; a quarter: slow motion. */
  pace = 1
  private baseMs = 0
  private sinceMs = 0

  at(nowMs: number): number {
    return this.baseMs + (nowMs - this.sinceMs) * this.pace
  }

  setPace(pace: number, nowMs: number): void {
    this.baseMs = this.at(nowMs)
    this.sinceMs = nowMs
    this.pace = pace
  }
}
