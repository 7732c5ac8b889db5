import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Backoff, pause } from './backoff.ts'

test('pauses double up to the limit, and success starts anew', () => {
  for (const [chance, share] of [
    [0, 0.5],
    [1, 1],
  ]) {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1_000 }, () => chance)
    const pauses = Array.from({ length: 6 }, () => backoff.nextMs())
    assert.deepEqual(
      pauses,
      [100, 200, 400, 800, 1_000, 1_000].map(ms => ms * share),
    )
    backoff.reset()
    assert.equal(backoff.nextMs(), 100 * share)
  }
})

test('a thousand failures later the pause is still a number', () => {
  const backoff = new Backoff({ firstMs: 1, maxMs: 10_000 })
  for (let i = 0; i < 1_000; i++) assert.ok(backoff.nextMs() <= 10_000)
  assert.ok(backoff.nextMs() >= 5_000)
})

test('a pause ends early when told to, without an error', async () => {
  const stop = new AbortController()
  const paused = pause(60_000, stop.signal)
  stop.abort()
  await paused
  await pause(60_000, stop.signal)
})
