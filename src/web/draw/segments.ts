import { type Cubic, pieces } from './curve.ts'
import { cubicOf } from './router.ts'
import type { World } from './world.ts'

/**
 * The segment table: each link cut into as many straight pieces as its length on screen needs, so that curves show
 * no corners at any zoom and short links cost little. Rebuilt when places or the octave of the zoom change.
 */
export class Segments {
  words = new Uint32Array(2048)
  count = 0
  private readonly cubic: Cubic = new Float64Array(8)

  build(world: World, pixelsPerUnit: number): void {
    this.count = 0
    for (let link = 0; link < world.linkSlots.size; link++) {
      if (!world.linkSlots.isTaken(link)) continue
      cubicOf(world, link, 20, this.cubic)
      const { span, bent } = measureOf(this.cubic)
      const parts = pieces(span * pixelsPerUnit, bent)
      this.reserve(this.count + parts)
      for (let i = 0; i < parts; i++)
        this.words[this.count++] = (((parts - 1) << 26) | (i << 20) | link) >>> 0
    }
  }

  private reserve(needed: number): void {
    if (needed <= this.words.length) return
    const longer = new Uint32Array(Math.ceil((needed * 1.5) / 2048) * 2048)
    longer.set(this.words)
    this.words = longer
  }
}

/** Length of the control polygon, and whether the curve leaves its chord by more than a hundredth of it. */
function measureOf(cubic: Cubic): { span: number; bent: boolean } {
  const dx = cubic[6] - cubic[0]
  const dy = cubic[7] - cubic[1]
  const chord = Math.hypot(dx, dy)
  const away = (i: number) => Math.abs((cubic[i] - cubic[0]) * dy - (cubic[i + 1] - cubic[1]) * dx)
  const span =
    Math.hypot(cubic[2] - cubic[0], cubic[3] - cubic[1]) +
    Math.hypot(cubic[4] - cubic[2], cubic[5] - cubic[3]) +
    Math.hypot(cubic[6] - cubic[4], cubic[7] - cubic[5])
  return { span, bent: chord < 1 || Math.max(away(2), away(4)) > 0.01 * chord * chord }
}
