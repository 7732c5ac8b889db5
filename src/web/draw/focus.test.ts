import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SceneNode } from './flow-map.ts'
import { type Focus, light } from './focus.ts'
import { World } from './world.ts'

const nobody = { selected: undefined, hovered: undefined, found: undefined }

/** The marks that the GPU is told of each node. */
function marksOf(nodes: readonly Partial<SceneNode>[], focus: Focus = nobody): number[] {
  const world = new World()
  const scene = nodes.map((node, i) => ({
    id: `${i}`,
    label: '',
    glyph: 'plain' as const,
    ...node,
  }))
  world.setScene({ nodes: scene, links: [] }, 0)
  light(world, focus, 1)
  return scene.map((_, i) => world.nodeTable[world.nodeOf[i] * 8 + 7])
}

test('what is unwell wears a badge; what is not seen or gone says that instead', () => {
  const ill = { isIll: true }
  const nodes = [{}, ill, { ...ill, isDark: true }, { ...ill, isGhost: true }]
  assert.deepEqual(marksOf(nodes), [0, 32, 8, 16])
})

test('a badge stays on what is selected', () => {
  const focus = { ...nobody, selected: { kind: 'service', slot: 0 } as const }
  assert.deepEqual(marksOf([{ isIll: true }, {}], focus), [33, 0])
})
