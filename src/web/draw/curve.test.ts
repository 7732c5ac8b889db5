import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loop, pieces, piecesMax, point, shape } from './curve.ts'

function middle(ax: number, ay: number, bx: number, by: number, bow: number): [number, number] {
  const cubic = new Float64Array(8)
  shape(cubic, ax, ay, bx, by, bow)
  return [point(cubic, 0.5, 0), point(cubic, 0.5, 1)]
}

test('a link begins and ends at its nodes', () => {
  const cubic = new Float64Array(8)
  shape(cubic, 10, 20, 300, -80, 0.3)
  assert.deepEqual([point(cubic, 0, 0), point(cubic, 0, 1)], [10, 20])
  assert.deepEqual([point(cubic, 1, 0), point(cubic, 1, 1)], [300, -80])
})

test('to the right it leaves and arrives level', () => {
  const cubic = new Float64Array(8)
  shape(cubic, 0, 0, 300, 100, 0)
  assert.ok(Math.abs(cubic[3]) < 1 && Math.abs(cubic[5] - 100) < 1)
})

test('both directions of a pair bow apart', () => {
  const [, there] = middle(0, 0, 300, 0, 0.1)
  const [, back] = middle(300, 0, 0, 0, 0.1)
  assert.ok(there > 20 && back < -20, `${there} ${back}`)
})

test('bow is the part of its length by which the middle lies aside', () => {
  const [x] = middle(0, 0, 0, 200, 0.25)
  assert.ok(Math.abs(Math.abs(x) - 50) < 1, String(x))
})

test('a loop stands above its node and returns to it', () => {
  const cubic = new Float64Array(8)
  loop(cubic, 5, 5, 20)
  assert.deepEqual([point(cubic, 1, 0), point(cubic, 1, 1)], [5, 5])
  assert.ok(point(cubic, 0.5, 1) < 5 - 40)
})

test('no corner of a cut curve is off by a third of a pixel, up to 40,000 pixels', () => {
  for (const length of [40, 150, 600, 2000, 4000, 12_000, 40_000]) {
    const cubic = new Float64Array(8)
    shape(cubic, 0, 0, length * 0.8, length * 0.3, 0.1)
    const count = pieces(length, true)
    assert.ok(count <= piecesMax)
    let worst = 0
    for (let i = 0; i < count; i++) {
      const [a, b] = [i / count, (i + 1) / count]
      const chord = (axis: 0 | 1) => (point(cubic, a, axis) + point(cubic, b, axis)) / 2
      const dx = chord(0) - point(cubic, (a + b) / 2, 0)
      const dy = chord(1) - point(cubic, (a + b) / 2, 1)
      const nx = -(point(cubic, b, 1) - point(cubic, a, 1))
      const ny = point(cubic, b, 0) - point(cubic, a, 0)
      worst = Math.max(worst, Math.abs(dx * nx + dy * ny) / Math.hypot(nx, ny))
    }
    assert.ok(worst < 0.34, `${length}: ${worst}`)
  }
})
