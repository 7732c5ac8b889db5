import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remembered } from '../layout/memory.ts'
import { World } from './world.ts'

const rounds = 400
const each = 100
const everyMs = 1000
/** Seconds that a slot rests after its node is gone, and one to begin. */
const restingRounds = 14

/** Nodes that were never there before. */
const nodesOf = (round: number) =>
  Array.from({ length: each }, (_, i) => ({
    id: `${round}-${i}`,
    label: `invented-${round}-${i}`,
    glyph: 'plain' as const,
  }))

test('names without end take the places of those that are gone', () => {
  const world = new World()
  const positions = Float32Array.from({ length: each * 2 }, (_, i) => i * 1000)
  let places: ReadonlyMap<string, { x: number; y: number }> = new Map()
  for (let round = 0; round < rounds; round++) {
    const nodes = nodesOf(round)
    world.setScene({ nodes, links: [] }, round * everyMs)
    places = remembered({ places, hands: new Set() }, { nodes, links: [] }, positions)
  }
  assert.ok(world.nodeSlots.size <= restingRounds * each, `${world.nodeSlots.size} slots`)
  assert.ok(places.size <= 1000 + each, `${places.size} places`)
})
