import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Births } from './births.ts'
import { progress } from './schedule.ts'

const page = { startMs: 5000, lengthMs: 1000 }

test('births lie evenly in their page, each within its share', () => {
  const ring = new Births(1024)
  ring.open(page)
  ring.add(3, 0, 50, 2000)
  for (let i = 0; i < 50; i++) {
    const birth = ring.words[i * 2 + 1] & 0xffff
    assert.ok(birth >= 5000 + i * 20 - 1 && birth <= 5000 + (i + 1) * 20 + 1, `${i}: ${birth}`)
  }
})

test('the range holds every dot that may live, and forgets pages when their last has arrived', () => {
  const ring = new Births(1024)
  for (let second = 0; second < 40; second++) {
    const startMs = second * 1000
    ring.open({ startMs, lengthMs: 1000 })
    ring.add(1, 0, 20, 7000)
    ring.forget(startMs)
    for (let i = ring.head - ring.count - 20; i >= 0 && i < ring.head - ring.count; i++) {
      const slot = (i & 1023) * 2
      assert.equal(progress(ring.words[slot], ring.words[slot + 1], startMs), undefined)
    }
  }
  assert.ok(ring.count <= 11 * 20, String(ring.count))
})

test('a full ring drops births and counts them, it never overwrites a living dot', () => {
  const ring = new Births(64)
  ring.open(page)
  ring.add(1, 0, 100, 2000)
  assert.equal(ring.count, 64)
  assert.equal(ring.dropped, 36)
  ring.open({ startMs: 6000, lengthMs: 1000 })
  ring.add(1, 0, 10, 2000)
  assert.equal(ring.dropped, 46)
  ring.forget(60_000)
  ring.add(1, 0, 10, 2000)
  assert.equal(ring.count, 10)
})

test('cut takes back exactly the births still to come', () => {
  const ring = new Births(1024)
  ring.open(page)
  ring.add(1, 0, 100, 2000)
  ring.cut(5500)
  let taken = 0
  for (let i = 0; i < 100; i++) if (ring.words[i * 2] === 0) taken++
  assert.ok(taken >= 48 && taken <= 52, String(taken))
  assert.ok(ring.words[0] !== 0 && ring.words[99 * 2] === 0)
})
