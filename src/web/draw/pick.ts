import { type Cubic, point } from './curve.ts'
import type { Target } from './flow-map.ts'
import { cubicOf } from './router.ts'
import type { World } from './world.ts'

/** How near the pointer must come, in CSS pixels. */
export const tolerancePx = 8
const cellSize = 64
const piecesPerLink = 14

/**
 * Finds what lies under the pointer: nodes beat links, the nearest wins. Curves are looked up as straight pieces in
 * an even grid over the world, built when it is first asked after the places changed.
 */
export class Picker {
  private readonly cells = new Map<number, number[]>()
  private pieces = new Float32Array(0)
  private built = false

  /** The places or the links changed. */
  invalidate(): void {
    this.built = false
  }

  /** What lies at a place of the world; `radiusOf` gives a node's radius there, all in world units. */
  at(
    world: World,
    x: number,
    y: number,
    tolerance: number,
    radiusOf: (slot: number) => number,
  ): { kind: Target['kind']; slot: number } | undefined {
    const node = nodeAt(world, x, y, tolerance, radiusOf)
    if (node !== undefined) return { kind: 'service', slot: node }
    if (!this.built) this.build(world, radiusOf)
    const link = this.linkAt(x, y, tolerance)
    return link === undefined ? undefined : { kind: 'link', slot: link }
  }

  private build(world: World, radiusOf: (slot: number) => number): void {
    this.cells.clear()
    this.pieces = new Float32Array(world.linkOf.length * piecesPerLink * 5)
    const cubic: Cubic = new Float64Array(8)
    let piece = 0
    for (const link of world.linkOf) {
      if (!isPlaced(world, link)) continue
      cubicOf(world, link, radiusOf(world.curves[link * 4]), cubic)
      for (let i = 0; i < piecesPerLink; i++) this.addPiece(piece++, link, cubic, i)
    }
    this.built = true
  }

  private addPiece(piece: number, link: number, cubic: Cubic, index: number): void {
    const at = piece * 5
    const from = index / piecesPerLink
    const to = (index + 1) / piecesPerLink
    this.pieces[at] = point(cubic, from, 0)
    this.pieces[at + 1] = point(cubic, from, 1)
    this.pieces[at + 2] = point(cubic, to, 0)
    this.pieces[at + 3] = point(cubic, to, 1)
    this.pieces[at + 4] = link
    const steps = Math.ceil(this.lengthOf(at) / (cellSize * 0.5))
    let last = Number.NaN
    for (let i = 0; i <= steps; i++) {
      const t = steps === 0 ? 0 : i / steps
      const key = cellKey(
        this.pieces[at] + (this.pieces[at + 2] - this.pieces[at]) * t,
        this.pieces[at + 1] + (this.pieces[at + 3] - this.pieces[at + 1]) * t,
      )
      if (key !== last) this.note(key, piece)
      last = key
    }
  }

  private lengthOf(at: number): number {
    const { pieces } = this
    return Math.hypot(pieces[at + 2] - pieces[at], pieces[at + 3] - pieces[at + 1])
  }

  private note(key: number, piece: number): void {
    const there = this.cells.get(key)
    if (there) there.push(piece)
    else this.cells.set(key, [piece])
  }

  private linkAt(x: number, y: number, tolerance: number): number | undefined {
    let best = tolerance
    let found: number | undefined
    this.visit(x, y, tolerance, (link, away) => {
      if (away > best) return
      best = away
      found = link
    })
    return found
  }

  /** Slots of all links that pass within `reach` of a place of the world. */
  linksNear(
    world: World,
    x: number,
    y: number,
    reach: number,
    radiusOf: (slot: number) => number,
  ): ReadonlySet<number> {
    if (!this.built) this.build(world, radiusOf)
    const near = new Set<number>()
    this.visit(x, y, reach, (link, away) => {
      if (away <= reach) near.add(link)
    })
    return near
  }

  private visit(
    x: number,
    y: number,
    tolerance: number,
    see: (link: number, away: number) => void,
  ) {
    const reach = Math.max(tolerance, cellSize * 0.5)
    const cell = (place: number) => Math.floor(place / cellSize)
    for (let cx = cell(x - reach); cx <= cell(x + reach); cx++)
      for (let cy = cell(y - reach); cy <= cell(y + reach); cy++)
        for (const piece of this.cells.get(cx * 65_536 + cy) ?? [])
          see(this.pieces[piece * 5 + 4], this.distance(piece * 5, x, y))
  }

  private distance(at: number, x: number, y: number): number {
    const { pieces } = this
    const dx = pieces[at + 2] - pieces[at]
    const dy = pieces[at + 3] - pieces[at + 1]
    const length = dx * dx + dy * dy
    const along = length === 0 ? 0 : ((x - pieces[at]) * dx + (y - pieces[at + 1]) * dy) / length
    const t = Math.min(1, Math.max(0, along))
    return Math.hypot(pieces[at] + dx * t - x, pieces[at + 1] + dy * t - y)
  }
}

function cellKey(x: number, y: number): number {
  return Math.floor(x / cellSize) * 65_536 + Math.floor(y / cellSize)
}

function isPlaced(world: World, link: number): boolean {
  const { client, server } = world.links[link]!
  return world.placed[client] === 1 && world.placed[server] === 1
}

function nodeAt(
  world: World,
  x: number,
  y: number,
  tolerance: number,
  radiusOf: (slot: number) => number,
): number | undefined {
  let best = 0
  let found: number | undefined
  for (const slot of world.nodeOf) {
    if (world.placed[slot] === 0) continue
    const away = Math.hypot(world.places[slot * 4 + 2] - x, world.places[slot * 4 + 3] - y)
    const beyond = away - radiusOf(slot) - tolerance
    if (beyond >= best) continue
    best = beyond
    found = slot
  }
  return found
}
