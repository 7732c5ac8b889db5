/** What costs less than this is drawn as often as it changes. */
const cheapMs = 100
/** Otherwise it is drawn again when so many times of what it cost have gone by. */
const times = 8
const waitMaxMs = 5000
/** The rasteriser works behind the script: what a picture cost shows in the intervals of the frames after it. */
const framesAfter = 2

/** How long a costly picture should be kept, where one is drawn in software, before what only looks a little different is drawn. */
export class Patience {
  private drawnAtMs = Number.NEGATIVE_INFINITY
  private lastMs = Number.NEGATIVE_INFINITY
  private costMs = 0
  private left = 0

  /** A frame begins; true when the picture may be drawn anew. */
  isOver(nowMs: number): boolean {
    if (this.left > 0) {
      this.left--
      this.costMs = Math.max(this.costMs, nowMs - this.lastMs)
    }
    this.lastMs = nowMs
    const waitMs = this.costMs > cheapMs ? Math.min(waitMaxMs, this.costMs * times) : 0
    return this.left === 0 && nowMs - this.drawnAtMs >= waitMs
  }

  /** The picture is drawn in the frame that has begun. */
  drawn(): void {
    this.drawnAtMs = this.lastMs
    this.left = framesAfter
    this.costMs = 0
  }
}
