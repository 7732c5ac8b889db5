import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ageMs,
  clockMs,
  firstWord,
  hash,
  type Outcome,
  progress,
  secondWord,
  travelMaxMs,
  travelMinMs,
  travelMs,
  travelOf,
} from './schedule.ts'

test('a dot keeps its link, outcome and speed in two words', () => {
  for (const [link, outcome, travel] of [
    [0, 0, 1100],
    [1048575, 3, 7000],
    [77777, 2, 3333],
  ] as const) {
    const first = firstWord(link, outcome, travel)
    assert.equal(first & 0xfffff, link)
    assert.equal((first >>> 20) & 3, outcome)
    assert.ok(Math.abs(travelOf(first, secondWord(0, 0x8000)) - travel) < 9)
  }
})

test('a dot moves from 0 to 1 in its travel time, also over the wrap of the clock', () => {
  const first = firstWord(5, 0 as Outcome, 2000)
  for (const birth of [0, 1000, clockMs - 500, clockMs * 40_000 + 123]) {
    const second = secondWord(birth % clockMs, 30_000)
    const travel = travelOf(first, second)
    assert.equal(progress(first, second, birth - 3), undefined)
    assert.equal(progress(first, second, birth + travel + 3), undefined)
    for (const part of [0.1, 0.5, 0.9])
      assert.ok(Math.abs(progress(first, second, birth + part * travel)! - part) < 0.001)
  }
})

test('age is negative before birth and right after thirty days', () => {
  const month = 30 * 86_400_000
  assert.equal(ageMs(secondWord(month % clockMs, 9), month + 750), 750)
  assert.equal(ageMs(secondWord((month + 400) % clockMs, 9), month), -400)
})

test('a dot that was taken back never shows', () => {
  assert.equal(progress(0, secondWord(0, 0), 10), undefined)
})

test('slow answers crawl, long links take longer, all within limits', () => {
  let last = 0
  for (const us of [100, 1e3, 1e4, 1e5, 1e6]) {
    const time = travelMs(400, us)
    assert.ok(time >= last)
    last = time
  }
  assert.ok(travelMs(1000, 1e4) > travelMs(100, 1e4))
  assert.equal(travelMs(0, 1), travelMinMs)
  assert.equal(travelMs(1e9, 1e9), travelMaxMs)
})

test('the hash spreads neighbours evenly', () => {
  const buckets = new Array(16).fill(0)
  for (let i = 0; i < 16_000; i++) buckets[hash(i) >>> 28]++
  for (const count of buckets) assert.ok(count > 850 && count < 1150, String(count))
})
