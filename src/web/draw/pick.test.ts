import assert from 'node:assert/strict'
import { test } from 'node:test'
import { point } from './curve.ts'
import type { Scene } from './flow-map.ts'
import { Picker } from './pick.ts'
import { cubicOf, route } from './router.ts'
import { World } from './world.ts'

function world(): World {
  const made = new World()
  const node = (id: string) => ({
    id,
    label: id,
    glyph: 'plain' as const,
  })
  const scene: Scene = {
    nodes: ['a', 'b', 'c'].map(node),
    links: [
      { id: 'ab', client: 0, server: 1, protocol: 'http' },
      { id: 'ba', client: 1, server: 0, protocol: 'http' },
      { id: 'cc', client: 2, server: 2, protocol: 'http' },
    ],
  }
  made.setScene(scene, 0)
  made.setPositions(Float32Array.from([0, 0, 400, 0, 0, 300]), 1)
  route(made)
  return made
}

const radius = () => 12

test('a node is found in and just outside its ring, before any link', () => {
  const picker = new Picker()
  assert.deepEqual(picker.at(world(), 17, 5, 8, radius), { kind: 'service', slot: 0 })
  assert.equal(picker.at(world(), 0, 100, 8, radius), undefined)
})

test('the two directions of a pair are told apart', () => {
  const picker = new Picker()
  const made = world()
  assert.deepEqual(picker.at(made, 200, 28, 8, radius), { kind: 'link', slot: 0 })
  assert.deepEqual(picker.at(made, 200, -56, 8, radius), { kind: 'link', slot: 1 })
})

test('a link of a node with itself is found on its loop', () => {
  const picker = new Picker()
  assert.deepEqual(picker.at(world(), 0, 300 - 0.75 * 3.4 * 12, 4, radius), {
    kind: 'link',
    slot: 2,
  })
})

/** The place half-way along a link from one node to another with a third between them. */
function middleOf(between: 'plain' | 'group'): { world: World; y: number } {
  const made = new World()
  const nodes = ['a', 'm', 'b'].map(id => ({ id, label: id, glyph: between }))
  made.setScene({ nodes, links: [{ id: 'ab', client: 0, server: 2, protocol: 'http' }] }, 0)
  made.setPositions(Float32Array.from([0, 0, 200, 0, 400, 0]), 1)
  route(made)
  return { world: made, y: point(cubicOf(made, 0, 20, new Float64Array(8)), 0.5, 1) }
}

test('links are led round nodes that would lie in their way, round large ones further out', () => {
  const { world, y } = middleOf('plain')
  assert.equal(new Picker().at(world, 200, 0, 8, () => 0.1)?.kind, 'service')
  assert.ok(Math.abs(y) > 20 && Math.abs(y) < 40, String(y))
  assert.ok(Math.abs(middleOf('group').y) > 40)
})
