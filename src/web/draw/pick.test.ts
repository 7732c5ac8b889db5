import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scene } from './flow-map.ts'
import { Picker } from './pick.ts'
import { route } from './router.ts'
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

test('links are led round nodes that would lie in their way', () => {
  const made = new World()
  const node = (id: string) => ({
    id,
    label: id,
    glyph: 'plain' as const,
  })
  made.setScene(
    {
      nodes: ['a', 'm', 'b'].map(node),
      links: [{ id: 'ab', client: 0, server: 2, protocol: 'http' }],
    },
    0,
  )
  made.setPositions(Float32Array.from([0, 0, 200, 0, 400, 0]), 1)
  route(made)
  assert.equal(new Picker().at(made, 200, 0, 8, () => 0.1)?.kind, 'service')
  const bow = made.curves[2]
  assert.ok(Math.abs(bow * 400) > 20, String(bow))
})
