import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wholeView } from './fit.ts'
import { World } from './world.ts'

const size = { width: 1280, height: 720 }
const insets = { top: 64, right: 0, bottom: 56, left: 0 }
const corner = () => ({ width: 280, height: 200 })

/** A world with nodes at these places, x and y in turn. */
function worldAt(...places: number[]): World {
  const world = new World()
  const nodes = Array.from({ length: places.length / 2 }, (_, i) => ({
    ...{ id: `${i}`, label: '', glyph: 'plain' as const },
  }))
  world.setScene({ nodes, links: [] }, 0)
  world.setPositions(Float32Array.from(places), 1)
  return world
}

/** Where the first node is on the screen. */
function first(world: World, ...also: Parameters<typeof wholeView>[2][]) {
  const { x, y, scale } = wholeView(world, size, also[0] ?? insets)
  const [wx, wy] = world.places.subarray(world.nodeOf[0] * 4 + 2, world.nodeOf[0] * 4 + 4)
  return { x: wx * scale + x, y: wy * scale + y, scale }
}

test('nobody stands under what lies over the upper left corner', () => {
  const wide = worldAt(-500, -250, 500, 250)
  const plain = first(wide)
  assert.ok(plain.x < 280 && plain.y < 200, 'it would')
  const clear = first(wide, { ...insets, corner })
  assert.ok(clear.x >= 280 || clear.y >= 200, JSON.stringify(clear))
  assert.ok(clear.scale > 0.65 * plain.scale)
})

test('a corner under which nobody would stand changes nothing', () => {
  const clear = worldAt(-500, 250, 500, -250)
  assert.deepEqual(first(clear, { ...insets, corner }), first(clear))
})

test('the map is not made tiny for it', () => {
  const wide = worldAt(-500, -250, 500, 250)
  const huge = () => ({ width: 1200, height: 650 })
  assert.deepEqual(first(wide, { ...insets, corner: huge }), first(wide))
})
