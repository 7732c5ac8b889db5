import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CurrentSecond } from './current-second.ts'

test('a second is over when its last packets had time to come, and the next one begins where it ended', () => {
  const second = new CurrentSecond(5_300)
  assert.equal(second.over(6_219, true), undefined)
  assert.equal(second.waitsMs(6_210), 10)
  assert.equal(second.over(6_220, true), 5_000)
  assert.deepEqual([second.startMs, second.endMs], [6_000, 7_000])
})

test('no second is left out when this thread is late', () => {
  const second = new CurrentSecond(5_000)
  const over = () => second.over(9_000, true)
  assert.deepEqual([over(), over(), over(), over()], [5_000, 6_000, 7_000, undefined])
})

test('a second of which packets wait goes on', () => {
  const second = new CurrentSecond(5_000)
  assert.equal(second.over(7_500, false), undefined)
  assert.equal(second.over(7_500, true), 5_000)
})

test('a machine that slept goes on with the second in which it woke', () => {
  const second = new CurrentSecond(5_000)
  assert.equal(second.over(3_600_500, false), 5_000)
  assert.equal(second.startMs, 3_600_000)
})

test('a clock that was set back is followed', () => {
  const second = new CurrentSecond(60_000)
  assert.equal(second.over(59_500, true), undefined)
  assert.equal(second.over(30_200, true), 60_000)
  assert.equal(second.startMs, 30_000)
})
