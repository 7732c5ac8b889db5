import { blockTimeoutMs } from '#capture/af-packet/index.ts'

/** A second is closed this long after its end, when rings have handed over its last block. */
const lateMs = blockTimeoutMs + 20
/** A second that is further from the clock is left: the machine slept, or its clock was set. */
const behindMaxMs = 10_000
const aheadMaxMs = 1_000

/** Which second is being gathered, by a clock that may be set. All times in ms since 1970. */
export class CurrentSecond {
  startMs: number

  constructor(nowMs: number) {
    this.startMs = secondOf(nowMs)
  }

  get endMs(): number {
    return this.startMs + 1000
  }

  /** How long its last packets may still come. */
  waitsMs(nowMs: number): number {
    return Math.max(0, this.endMs + lateMs - nowMs)
  }

  /** The start of the second that is over, all of it gathered (`isWhole`); the next one has begun. */
  over(nowMs: number, isWhole: boolean): number | undefined {
    const { startMs, endMs } = this
    const isLeft = nowMs > endMs + lateMs + behindMaxMs || nowMs < startMs - aheadMaxMs
    const isOver = isWhole && this.waitsMs(nowMs) === 0
    if (!isLeft && !isOver) return undefined
    this.startMs = isLeft ? secondOf(nowMs) : endMs
    return startMs
  }
}

const secondOf = (ms: number): number => Math.floor(ms / 1000) * 1000
