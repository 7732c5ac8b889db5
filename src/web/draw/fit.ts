import { type Insets, type View, viewOf } from './camera.ts'
import { boxOf } from './districts.ts'
import type { World } from './world.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** Between a node's centre and what lies beside it, CSS pixels. */
const awayPx = 40
/** Nobody is moved from under the corner if that makes the map smaller than this part of it. */
const leastScale = 0.65

/** The view that shows all that is placed, with nobody under what lies over the upper left corner of the map. */
export function wholeView(world: World, { width, height }: Size, insets: Insets): View {
  const placed = [...world.nodeOf].filter(slot => world.placed[slot] === 1)
  if (placed.length === 0) return { x: width / 2, y: height / 2, scale: 1 }
  const box = boxOf(world, placed)
  const plain = viewOf(box, width, height, insets)
  const corner = insets.corner?.()
  if (!corner || !placed.some(slot => isUnder(world, slot, plain, corner))) return plain
  const below = viewOf(box, width, height, { ...insets, top: Math.max(insets.top, corner.height) })
  const beside = viewOf(box, width, height, {
    ...insets,
    left: Math.max(insets.left, corner.width),
  })
  const clear = below.scale >= beside.scale ? below : beside
  return clear.scale < leastScale * plain.scale ? plain : clear
}

function isUnder({ places }: World, slot: number, view: View, corner: Size): boolean {
  const x = places[slot * 4 + 2] * view.scale + view.x
  const y = places[slot * 4 + 3] * view.scale + view.y
  return x < corner.width + awayPx && y < corner.height + awayPx
}
