import type { Births } from './births.ts'
import { progress } from './schedule.ts'

const kept = 64
/** More dots than this are counted by a sample. */
const countedMax = 20_000

/** Times of the last frames. */
export class Figures {
  private readonly scripts = new Float32Array(kept)
  private readonly intervals = new Float32Array(kept)
  private frames = 0

  frame(scriptMs: number, intervalMs: number): void {
    this.scripts[this.frames % kept] = scriptMs
    this.intervals[this.frames % kept] = intervalMs
    this.frames++
  }

  get scriptMs(): number {
    return this.median(this.scripts)
  }

  get framesPerSecond(): number {
    const used = Math.min(kept, this.frames)
    let sum = 0
    for (let i = 0; i < used; i++) sum += this.intervals[i]
    return sum > 0 ? (used * 1000) / sum : 0
  }

  private median(values: Float32Array): number {
    const used = Math.min(kept, this.frames)
    return used === 0 ? 0 : values.slice(0, used).sort()[used >> 1]
  }
}

/** How many dots of a ring are on their way (a sample of every nth when there are many). */
export function alive(ring: Births, nowMs: number): number {
  const stride = Math.max(1, Math.ceil(ring.count / countedMax))
  let found = 0
  for (let i = 0; i < ring.count; i += stride) {
    const slot = ((ring.first + i) & (ring.capacity - 1)) * 2
    if (progress(ring.words[slot], ring.words[slot + 1], nowMs) !== undefined) found++
  }
  return found * stride
}
