import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FarClock } from './far-clock.ts'
import { random } from './random.ts'

/** Asks a clock that is `aheadMs` ahead; the ways there and back take as long as told. */
function ask(clock: FarClock, nowMs: number, aheadMs: number, thereMs: number, backMs: number) {
  const receivedMs = nowMs + thereMs + aheadMs
  const answeredMs = receivedMs + 3
  clock.hear({ askedMs: nowMs, receivedMs, answeredMs, heardMs: nowMs + thereMs + 3 + backMs })
}

test('a clock is as far away as it is, when both ways take the same', () => {
  for (const aheadMs of [-3_600_000, -0.25, 0, 86_400_000]) {
    const clock = new FarClock()
    assert.equal(clock.offsetMs, undefined)
    ask(clock, 1000, aheadMs, 20, 20)
    assert.ok(Math.abs(clock.offsetMs! - aheadMs) < 1e-6)
    assert.equal(clock.roundTripMs, 40)
  }
})

test('what waits on the way is not believed: the quickest answers count', () => {
  const chance = random()
  const clock = new FarClock()
  for (let i = 0; i < 50; i++) {
    const [there, back] = [chance.next(4) === 0 ? 1 : 1 + chance.next(400), 1]
    ask(clock, i * 1000, 5000, there, back)
    if (i > 12 && clock.roundTripMs! < 3) {
      assert.ok(Math.abs(clock.offsetMs! - 5000) < 2, `${clock.offsetMs}, seed ${chance.seed}`)
    }
  }
})

test('a clock that drifts is followed', () => {
  const clock = new FarClock()
  for (let i = 0; i < 60; i++) ask(clock, i * 10_000, 100 + i * 0.5, 2, 2)
  assert.ok(Math.abs(clock.offsetMs! - 129.5) < 3, String(clock.offsetMs))
})

test('a clock that was set is believed at once', () => {
  const clock = new FarClock()
  for (let i = 0; i < 8; i++) ask(clock, i * 1000, 0, 1, 1)
  ask(clock, 9000, 3_600_000, 3, 3)
  assert.ok(Math.abs(clock.offsetMs! - 3_600_000) < 1)
})

test('an answer that cannot be is not heard', () => {
  const clock = new FarClock()
  clock.hear({ askedMs: 100, receivedMs: 5000, answeredMs: 5000, heardMs: 90 })
  clock.hear({ askedMs: 100, receivedMs: Number.NaN, answeredMs: 5, heardMs: 190 })
  clock.hear({ askedMs: 100, receivedMs: 0, answeredMs: 500, heardMs: 190 })
  assert.equal(clock.offsetMs, undefined)
})
