import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patience } from './patience.ts'

/** Runs frames for a minute; a picture, drawn whenever it may, makes the frame after it take `costMs`. */
function pictures(costMs: number): { pictures: number; frames: number } {
  const patience = new Patience()
  const drawn = { pictures: 0, frames: 0 }
  for (let now = 0, wasDrawn = false; now < 60_000; now += wasDrawn ? costMs : 30) {
    wasDrawn = patience.isOver(now)
    if (wasDrawn) patience.drawn()
    drawn.frames++
    if (wasDrawn) drawn.pictures++
  }
  return drawn
}

test('a cheap picture is drawn as often as it changes', () => {
  const { pictures: drawn, frames } = pictures(30)
  assert.ok(drawn > frames / 4, `${drawn} of ${frames}`)
})

test('a costly one takes an eighth of the time at most, and is never older than five seconds', () => {
  for (const costMs of [150, 500]) {
    const { pictures: drawn } = pictures(costMs)
    assert.ok(drawn * costMs < 60_000 / 8 + costMs, `${drawn} of ${costMs} ms`)
  }
  assert.ok(pictures(3000).pictures >= 7)
})
