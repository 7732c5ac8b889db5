import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counted, Density, quietDots } from './density.ts'

const room = { bornMax: 1000, bornMaxPerLink: 100 }

test('every request is a dot as long as there is room', () => {
  const density = new Density()
  assert.equal(density.update(900, 90, room), 1)
})

test('the scale is the least of 1, 2, 5, 10, ... that fits map and busiest link', () => {
  for (const [total, busiest, expected] of [
    [1001, 10, 2],
    [4900, 10, 5],
    [9000, 10, 10],
    [500, 1900, 20],
    [1e7, 10, 10_000],
  ])
    assert.equal(new Density().update(total, busiest, room), expected)
})

test('it grows at once and shrinks only after a calm while', () => {
  const density = new Density(3)
  assert.equal(density.update(5000, 0, room), 5)
  assert.equal(density.update(600, 0, room), 5)
  assert.equal(density.update(5000, 0, room), 5)
  for (const expected of [5, 5, 1, 1]) assert.equal(density.update(600, 0, room), expected)
})

test('it does not flutter about a step', () => {
  const density = new Density(3)
  density.update(1050, 0, room)
  for (let i = 0; i < 50; i++) assert.equal(density.update(i % 2 ? 950 : 1050, 0, room), 2)
})

test('small whole numbers come back from the rounding of the wire', () => {
  for (let count = 1; count <= 16; count++) {
    const step = Math.round((Math.log2(count) + 5) * 12)
    assert.equal(counted(2 ** (step / 12 - 5)), count)
  }
  assert.equal(counted(0.5), 0.5)
  assert.equal(counted(120.4), 120.4)
})

test('bytes without transactions give few dots, more for more', () => {
  assert.equal(quietDots(0), 0)
  assert.ok(quietDots(1e3) < quietDots(1e6))
  assert.ok(quietDots(1e10) < 3)
})
