import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Camera, viewOf } from './camera.ts'

const insets = { top: 60, right: 348, bottom: 56, left: 20 }
const box = { left: -900, top: -300, right: 700, bottom: 500 }

test('fit shows the whole box between the insets', () => {
  const { x, y, scale } = viewOf(box, 1600, 900, insets)
  assert.ok(box.left * scale + x >= insets.left - 1e-6)
  assert.ok(box.right * scale + x <= 1600 - insets.right + 1e-6)
  assert.ok(box.top * scale + y >= insets.top - 1e-6)
  assert.ok(box.bottom * scale + y <= 900 - insets.bottom + 1e-6)
})

test('fit does not blow up a small map, but a wall is filled', () => {
  const small = { left: 0, top: 0, right: 10, bottom: 10 }
  assert.equal(viewOf(small, 1280, 720, insets).scale, 1.5)
  assert.equal(viewOf(small, 390, 800, insets).scale, 1.5)
  assert.equal(viewOf(small, 3840, 2160, insets).scale, 4.5)
})

test('zoom keeps the place under the pointer, within limits', () => {
  const camera = new Camera()
  camera.jump({ x: 40, y: 70, scale: 0.8 })
  const world = (300 - camera.x) / camera.scale
  for (const factor of [1.3, 0.2, 9, 1e9, 1e-9]) {
    camera.zoom(factor, 300, 200)
    assert.ok(Math.abs((300 - camera.x) / camera.scale - world) < 1e-6)
    assert.ok(camera.scale >= 0.02 && camera.scale <= 8)
  }
})

test('a flight ends exactly where it was sent, after 320 ms', () => {
  const camera = new Camera()
  camera.fly({ x: -50, y: 20, scale: 2 }, 1000)
  assert.ok(camera.step(1160, 800, 450))
  assert.ok(camera.scale > 1 && camera.scale < 2)
  camera.step(1320, 800, 450)
  assert.deepEqual([camera.x, camera.y, camera.scale, camera.flying], [-50, 20, 2, false])
  assert.equal(camera.step(1400, 800, 450), false)
})

test('a hand stops a flight', () => {
  const camera = new Camera()
  camera.fly({ x: -50, y: 20, scale: 2 }, 1000)
  camera.pan(5, 5)
  assert.equal(camera.flying, false)
})
