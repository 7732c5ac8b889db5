import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cut, type LabelAtlas, shorten } from './label-atlas.ts'
import { Labels, type Wish } from './labels.ts'

/** An atlas that only measures: 7 pixels a letter. */
const cuts = new Map<string, Cut>()
const atlas = {
  generation: 0,
  cut(text: string): Cut {
    const known = cuts.get(text) ?? { x: 0, y: 0, width: text.length * 7 + 6, height: 21 }
    cuts.set(text, known)
    return known
  },
} as unknown as LabelAtlas

function wish(key: string, x: number, y: number, importance = 1): Wish {
  return { key, text: key, anchor: 0, x, y, radius: 12, importance, colour: 0, kind: 'node' }
}

function shown(labels: Labels): number {
  let count = 0
  for (let i = 0; i < labels.count; i++) if (labels.values[i * 12 + 9] === 1) count++
  return count
}

test('where there is room every name is shown, below its node', () => {
  const labels = new Labels()
  const wishes = [0, 1, 2, 3, 4].map(i => wish(`service-${i}`, 100 + i * 200, 300))
  assert.ok(labels.choose(wishes, atlas, 1, 1600, 900))
  assert.equal(shown(labels), 5)
  for (let i = 0; i < 5; i++) assert.equal(labels.values[i * 12 + 1], 0)
})

test('a neighbour below sends a name to another side; no room at all leaves out the least', () => {
  const labels = new Labels()
  labels.choose([wish('upper', 300, 300), wish('lower', 300, 326)], atlas, 1, 1600, 900)
  assert.equal(shown(labels), 2)
  const crowd = Array.from({ length: 60 }, (_, i) =>
    wish(`crowded-${i}`, 300 + (i % 8) * 18, 300 + Math.floor(i / 8) * 18, i === 33 ? 99 : 1),
  )
  const dense = new Labels()
  dense.choose(crowd, atlas, 1, 1600, 900)
  assert.ok(dense.culled > 20, String(dense.culled))
})

test('the same wishes twice change nothing, and names hold on to their side', () => {
  const labels = new Labels()
  const wishes = [wish('upper', 300, 300), wish('lower', 300, 326)]
  assert.ok(labels.choose(wishes, atlas, 1, 1600, 900))
  assert.equal(labels.choose(wishes, atlas, 1, 1600, 900), false)
})

test('what is off the screen takes no part', () => {
  const labels = new Labels()
  labels.choose([wish('far', 5000, 300)], atlas, 1, 1600, 900)
  assert.equal(shown(labels), 0)
})

test('at most 400 names', () => {
  const labels = new Labels()
  const many = Array.from({ length: 900 }, (_, i) =>
    wish(`n${i}`, (i % 30) * 120, Math.floor(i / 30) * 70),
  )
  labels.choose(many, atlas, 1, 4000, 3000)
  assert.equal(shown(labels), 400)
})

test('long names lose their middle, by whole graphemes', () => {
  assert.equal(
    shorten('short', () => true),
    'short',
  )
  assert.equal(
    shorten('abcdefghijkl', text => text.length <= 7),
    'abcd…kl',
  )
  assert.equal(
    shorten('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', text => text.length < 30),
    '👩‍👩‍👧👩‍👩‍👧…👩‍👩‍👧',
  )
})
