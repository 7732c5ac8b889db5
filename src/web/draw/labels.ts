import type { Cut, Font, LabelAtlas } from './label-atlas.ts'

/** Which names are shown, and on which side of what they name. */

const labelsMax = 400
const texels = 510
const nodeFont: Font = { sizePx: 11.5, weight: 500, spacingPx: 0.1 }
const entryFont: Font = { sizePx: 12.5, weight: 600, spacingPx: 0.2 }
const districtFont: Font = { sizePx: 12, weight: 600, spacingPx: 0.5 }
const gapPx = 3
/** Cells of the grid in which free space is looked for (CSS pixels). */
const cellPx = 48

export const labelColours = { text: 0, secondary: 1, warning: 2, error: 3 } as const

/** Something that wants its name shown, in CSS pixels of the screen. */
export interface Wish {
  /** Stable over time: keeps its side, and fades instead of popping. */
  readonly key: string
  readonly text: string
  readonly anchor: number
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly importance: number
  readonly colour: number
  readonly kind: 'node' | 'entry' | 'district'
}

/** A box on screen. */
interface Rect {
  /** The disc of a node; a district's name may lie on it. */
  readonly disc?: boolean
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

interface Placed {
  readonly wish: Wish
  readonly side: number
  readonly cut: Cut
}

/** Chooses greedily by importance: below, right, above or left of a node, wherever nothing lies yet. */
export class Labels {
  values = new Float32Array(texels * 4 * 3)
  count = 0
  /** The least important names are left out for room; this many in the last choice. */
  culled = 0
  private screen = { width: 0, height: 0 }
  private shown = new Map<string, Placed>()
  private leaving = new Map<string, Placed>()

  /** True when the choice changed; then `values` starts a fade from the old to the new. */
  choose(
    wishes: readonly Wish[],
    atlas: LabelAtlas,
    density: number,
    width: number,
    height: number,
  ): boolean {
    this.screen = { width, height }
    const grid = new Map<number, Rect[]>()
    for (const wish of wishes) if (wish.kind !== 'district') occupy(grid, discOf(wish))
    const next = new Map<string, Placed>()
    const generation = atlas.generation
    const ordered = [...wishes].sort(
      (a, b) => this.weight(b) - this.weight(a) || (a.key < b.key ? -1 : 1),
    )
    this.culled = 0
    for (const wish of ordered) {
      if (!isOnScreen(wish, width, height)) continue
      const placed = next.size < labelsMax ? this.settle(wish, atlas, density, grid) : undefined
      if (placed) next.set(wish.key, placed)
      else this.culled++
    }
    if (atlas.generation !== generation) return this.restart(wishes, atlas, density, width, height)
    const changed = this.differs(next)
    this.leaving = new Map([...this.shown].filter(([key, was]) => next.get(key)?.side !== was.side))
    this.write(next, density)
    this.shown = next
    return changed
  }

  /** Forgets what is shown: the atlas started anew, or belongs to another context. */
  forget(): void {
    this.shown.clear()
    this.leaving.clear()
  }

  private restart(
    wishes: readonly Wish[],
    atlas: LabelAtlas,
    density: number,
    width: number,
    height: number,
  ) {
    this.forget()
    return wishes.length < labelsMax ? this.choose(wishes, atlas, density, width, height) : true
  }

  private weight(wish: Wish): number {
    return wish.importance + (this.shown.has(wish.key) ? 0.6 : 0)
  }

  private settle(
    wish: Wish,
    atlas: LabelAtlas,
    density: number,
    grid: Map<number, Rect[]>,
  ): Placed | undefined {
    const cut = atlas.cut(wish.text, fontOf(wish))
    const was = this.shown.get(wish.key)?.side
    const sides =
      wish.kind === 'district' ? [0] : was === undefined ? [0, 1, 2, 3] : [was, 0, 1, 2, 3]
    let best: { readonly side: number; readonly rect: Rect } | undefined
    for (const side of sides) {
      const rect = rectOf(wish, side, cut, density)
      if (!isFree(grid, rect, wish)) continue
      // A name that the edge would cut says less than one at another side.
      const isWhole = this.isWhole(rect)
      if (isWhole || !best) best = { side, rect }
      if (isWhole) break
    }
    if (!best) return undefined
    occupy(grid, best.rect)
    return { wish, side: best.side, cut }
  }

  private isWhole({ left, top, right, bottom }: Rect): boolean {
    const { width, height } = this.screen
    return left >= 0 && top >= 0 && right <= width && bottom <= height
  }

  private differs(next: ReadonlyMap<string, Placed>): boolean {
    if (next.size !== this.shown.size) return true
    for (const [key, { side, cut, wish }] of next) {
      const was = this.shown.get(key)
      if (!was || was.side !== side || was.cut !== cut) return true
      if (was.wish.colour !== wish.colour || was.wish.anchor !== wish.anchor) return true
    }
    return false
  }

  private write(next: ReadonlyMap<string, Placed>, density: number): void {
    this.count = 0
    this.reserve(next.size + this.leaving.size)
    for (const placed of this.leaving.values()) this.writeOne(placed, 1, 0, density)
    for (const [key, placed] of next) {
      const stayed = this.shown.has(key) && !this.leaving.has(key)
      this.writeOne(placed, stayed ? 1 : 0, 1, density)
    }
  }

  private reserve(needed: number): void {
    const floats = Math.ceil((needed * 3) / texels) * texels * 4
    if (floats > this.values.length) this.values = new Float32Array(floats)
  }

  private writeOne({ wish, side, cut }: Placed, from: number, to: number, density: number): void {
    const at = this.count++ * 12
    const district = wish.kind === 'district'
    this.values[at] = wish.anchor
    this.values[at + 1] = side
    this.values[at + 2] = district ? 12 * density : 0
    this.values[at + 3] = district ? 7 * density : gapOf(side) * density
    this.values[at + 4] = cut.x
    this.values[at + 5] = cut.y
    this.values[at + 6] = cut.width
    this.values[at + 7] = cut.height
    this.values[at + 8] = from
    this.values[at + 9] = to
    this.values[at + 10] = wish.colour
    this.values[at + 11] = district ? 1 : 0
  }
}

/** The cut-out has room for the halo on each side; above and below it may come closer to the ring. */
function gapOf(side: number): number {
  return side === 1 || side === 3 ? gapPx : gapPx - 1.5
}

function fontOf({ kind }: Wish): Font {
  return kind === 'district' ? districtFont : kind === 'entry' ? entryFont : nodeFont
}

function isOnScreen({ x, y, kind }: Wish, width: number, height: number): boolean {
  const margin = kind === 'district' ? 200 : 60
  return x > -margin && y > -margin && x < width + margin && y < height + margin
}

function discOf({ x, y, radius }: Wish): Rect {
  const r = radius * 0.85
  return { left: x - r, top: y - r, right: x + r, bottom: y + r, disc: true }
}

function rectOf({ x, y, radius, kind }: Wish, side: number, cut: Cut, density: number): Rect {
  const width = cut.width / density - 4
  const height = cut.height / density - 5
  if (kind === 'district')
    return { left: x + 12, top: y + 7, right: x + 12 + width, bottom: y + 7 + height }
  const reach = radius + gapOf(side) + 2
  const left = side === 1 ? x + reach : side === 3 ? x - reach - width : x - width / 2
  const top = side === 0 ? y + reach : side === 2 ? y - reach - height : y - height / 2
  return { left, top, right: left + width, bottom: top + height }
}

function* cellsOf({ left, top, right, bottom }: Rect): Generator<number> {
  for (let cx = Math.floor(left / cellPx); cx <= Math.floor(right / cellPx); cx++)
    for (let cy = Math.floor(top / cellPx); cy <= Math.floor(bottom / cellPx); cy++)
      yield cx * 65_536 + cy
}

function occupy(grid: Map<number, Rect[]>, rect: Rect): void {
  for (const cell of cellsOf(rect)) {
    const there = grid.get(cell)
    if (there) there.push(rect)
    else grid.set(cell, [rect])
  }
}

function isFree(grid: Map<number, Rect[]>, rect: Rect, wish: Wish): boolean {
  for (const cell of cellsOf(rect))
    for (const other of grid.get(cell) ?? [])
      if (
        rect.left < other.right &&
        other.left < rect.right &&
        rect.top < other.bottom &&
        other.top < rect.bottom &&
        !mayTouch(other, wish)
      )
        return false
  return true
}

/** A name may touch its own disc; a district's name any disc. */
function mayTouch({ left, right, top, bottom, disc }: Rect, { x, y, kind }: Wish): boolean {
  if (kind === 'district') return disc === true
  return (left + right) / 2 === x && (top + bottom) / 2 === y
}
