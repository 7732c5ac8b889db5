import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PageClock } from './page-clock.ts'

/** Arrivals as `second@ms`, pages as `start+length` or `skipped`. */
function pages(arrivals: string): string {
  const clock = new PageClock()
  return arrivals
    .split(' ')
    .map(arrival => {
      const [second, at] = arrival.split('@').map(Number)
      const page = clock.place(second * 1000, at)
      return page ? `${Math.round(page.startMs)}+${Math.round(page.lengthMs)}` : 'skipped'
    })
    .join(' ')
}

test('seconds follow one another without a seam', () => {
  assert.equal(pages('1@1000 2@2000 3@3000'), '1250+1000 2250+1000 3250+1000')
})

test('a frame that is a little late or early finds its place waiting', () => {
  assert.equal(pages('1@1000 2@2150 3@2950'), '1250+1000 2250+1023 3273+989')
})

test('a frame that is too late begins late: never with dots that should have been born', () => {
  const [, late] = pages('1@1000 2@2900').split(' ')
  assert.equal(late, '3150+1000')
})

test('of a burst after a pause only what fits is shown', () => {
  assert.equal(
    pages('1@1000 2@5000 3@5010 4@5020 5@5030'),
    '1250+1000 5250+1000 6250+950 skipped skipped',
  )
})

test('a lost second leaves a lull, and the same second twice counts once', () => {
  assert.equal(pages('1@1000 3@3000 3@3005'), '1250+1000 3250+1000 skipped')
})

test('a page that stands far behind is pulled back slowly, never by a jump', () => {
  const clock = new PageClock()
  let now = 1000
  let last = clock.place(0, now)!
  now += 1900
  last = clock.place(1000, now)!
  for (let second = 2; second < 30; second++) {
    now += 950
    const page = clock.place(second * 1000, now)
    if (!page) continue
    assert.ok(page.startMs - (last.startMs + last.lengthMs) < 1)
    last = page
  }
})
