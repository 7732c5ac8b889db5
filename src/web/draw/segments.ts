import type { Box } from './camera.ts'
import { type Cubic, pieces, point } from './curve.ts'
import { cubicOf } from './router.ts'
import type { World } from './world.ts'

/** Pieces of a link where all of all links are cut. */
const wholeMax = 64

/**
 * The segment table: each link cut into as many straight pieces as its length on screen needs, so that curves show
 * no corners at any zoom and short links cost little. Seen from near only the pieces about the view are kept. Rebuilt
 * when places or the octave of the zoom change, or the view leaves what was kept.
 */
export class Segments {
  words = new Uint32Array(4096)
  count = 0
  private readonly cubic: Cubic = new Float64Array(8)

  /** `within`: a stretch of the world outside of which nothing needs to be drawn; absent: everything is. */
  build(world: World, pixelsPerUnit: number, within?: Box): void {
    this.count = 0
    for (let link = 0; link < world.linkSlots.size; link++) {
      if (!world.linkSlots.isTaken(link)) continue
      cubicOf(world, link, 20, this.cubic)
      if (within && !meets(hullOf(this.cubic), within)) continue
      const { span, bent } = measureOf(this.cubic)
      const parts = pieces(span * pixelsPerUnit, bent)
      this.cut(link, within ? parts : Math.min(parts, wholeMax), within)
    }
  }

  private cut(link: number, parts: number, within: Box | undefined): void {
    this.reserve(this.count + parts)
    for (let i = 0; i < parts; i++) {
      if (within && !meets(this.boxOf(i / parts, (i + 1) / parts), within)) continue
      this.words[this.count * 2] = link
      this.words[this.count * 2 + 1] = (i << 16) | parts
      this.count++
    }
  }

  /** Of a piece. */
  private boxOf(from: number, to: number): Box {
    const [ax, bx] = [point(this.cubic, from, 0), point(this.cubic, to, 0)]
    const [ay, by] = [point(this.cubic, from, 1), point(this.cubic, to, 1)]
    return {
      left: Math.min(ax, bx),
      right: Math.max(ax, bx),
      top: Math.min(ay, by),
      bottom: Math.max(ay, by),
    }
  }

  private reserve(needed: number): void {
    if (needed * 2 <= this.words.length) return
    const longer = new Uint32Array(Math.ceil((needed * 1.5) / 2048) * 4096)
    longer.set(this.words)
    this.words = longer
  }
}

/** A curve never leaves the hull of its control points. */
function hullOf(cubic: Cubic): Box {
  return {
    left: Math.min(cubic[0], cubic[2], cubic[4], cubic[6]),
    right: Math.max(cubic[0], cubic[2], cubic[4], cubic[6]),
    top: Math.min(cubic[1], cubic[3], cubic[5], cubic[7]),
    bottom: Math.max(cubic[1], cubic[3], cubic[5], cubic[7]),
  }
}

const meets = (a: Box, b: Box): boolean =>
  a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top

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
