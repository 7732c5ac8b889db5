import type { Births } from './births.ts'
import { type Cubic, point } from './curve.ts'
import { cubicOf } from './router.ts'
import { ageMs, type Outcome, progress } from './schedule.ts'
import type { World } from './world.ts'

/** A dot that was pointed at. */
export interface FoundDot {
  /** Slot of its link. */
  readonly link: number
  readonly outcome: Outcome
  /** When it was born, by the clock that it lives by. */
  readonly bornMs: number
}

export interface Pointing {
  /** Place of the pointer, world units. */
  readonly x: number
  readonly y: number
  /** How near it must be, world units. */
  readonly tolerance: number
  /** CSS pixels a world unit. */
  readonly scale: number
  /** Slots of the links that pass near there. */
  readonly links: ReadonlySet<number>
  /** The time that dots are drawn at. */
  readonly nowMs: number
  /** Radius of a node, world units. */
  radiusOf(slot: number): number
}

/** The dot nearest to the pointer, those in trouble before the others; undefined when none is near. */
export function dotAt(rings: readonly Births[], world: World, at: Pointing): FoundDot | undefined {
  const curves = new Map<number, Cubic>()
  for (const link of at.links) {
    const radius = at.radiusOf(world.curves[link * 4])
    curves.set(link, cubicOf(world, link, radius, new Float64Array(8)))
  }
  for (const ring of rings) {
    const found = nearest(ring, world, curves, at)
    if (found) return found
  }
  return undefined
}

function nearest(
  { words, capacity, first: from, count }: Births,
  world: World,
  curves: ReadonlyMap<number, Cubic>,
  at: Pointing,
): FoundDot | undefined {
  let best = at.tolerance
  let found: FoundDot | undefined
  for (let i = 0; i < count; i++) {
    const word = ((from + i) & (capacity - 1)) * 2
    const [first, second] = [words[word], words[word + 1]]
    const link = first & 0xfffff
    const curve = curves.get(link)
    const part = curve && progress(first, second, at.nowMs)
    if (part === undefined) continue
    const outcome = ((first >>> 20) & 3) as Outcome
    const band = world.linkStyles[link * 4]
    const away = distance(curve!, part, asideOf(second, part, outcome, band, at.scale), at)
    if (away > best) continue
    best = away
    found = { link, outcome, bornMs: at.nowMs - ageMs(second, at.nowMs) }
  }
  return found
}

/** How far beside its curve a dot is, world units: the mirror of the shader (passes/dots.ts). */
function asideOf(
  second: number,
  part: number,
  outcome: Outcome,
  band: number,
  scale: number,
): number {
  const seed = second >>> 16
  const scatter = (seed & 255) / 255 + ((seed >> 8) & 255) / 255 - 1
  const ends = smooth(part / 0.22) * smooth((1 - part) / 0.22)
  const inTrouble = outcome === 1 || outcome === 2
  const zoom = Math.min(1.6, Math.max(0.35, scale))
  return (scatter * band * zoom * ends * (inTrouble ? 0.35 : 0.8)) / scale
}

const smooth = (value: number): number => {
  const t = Math.min(1, Math.max(0, value))
  return t * t * (3 - 2 * t)
}

function distance(curve: Cubic, part: number, aside: number, { x, y }: Pointing): number {
  const [cx, cy] = [point(curve, part, 0), point(curve, part, 1)]
  const [dx, dy] = [slope(curve, part, 0), slope(curve, part, 1)]
  const length = Math.max(1e-9, Math.hypot(dx, dy))
  return Math.hypot(cx - (aside * dy) / length - x, cy + (aside * dx) / length - y)
}

function slope(curve: Cubic, t: number, axis: 0 | 1): number {
  const s = 1 - t
  return (
    s * s * (curve[axis + 2] - curve[axis]) +
    2 * s * t * (curve[axis + 4] - curve[axis + 2]) +
    t * t * (curve[axis + 6] - curve[axis + 4])
  )
}
