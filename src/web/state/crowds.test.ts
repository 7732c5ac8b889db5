import assert from 'node:assert/strict'
import { test } from 'node:test'
import { indexNames, type Names } from './feed.ts'
import { frameOf } from './fixtures.ts'
import { type Ghost, ghostsMax, goneAfter } from './ghosts.ts'
import { History, namesMax, secondsMin } from './history.ts'

const rounds = 1000
const each = 1000

/** Names that nobody has heard before and nobody will hear again. */
function strangers(round: number): Names {
  const services = Array.from({ length: each }, (_, i) => ({
    id: `${round}-${i}`,
    name: `invented-${round}-${i}`,
    kind: 'external' as const,
    role: 'plain' as const,
    group: [],
    instances: 0,
    health: 'unknown' as const,
    watched: 'wholly' as const,
    away: [],
  }))
  return { version: round, services, links: [] }
}

test('of a million names in a row the page keeps no more than it may', () => {
  const history = new History()
  const frame = frameOf([])
  let gone: readonly Ghost[] = []
  let before = indexNames(strangers(0))
  let most = 0
  for (let round = 1; round <= rounds; round++) {
    const now = indexNames(strangers(round))
    history.push(now, frame)
    gone = goneAfter(gone, before, now, round)
    most = Math.max(most, history.length)
    before = now
  }
  assert.ok(gone.length <= ghostsMax)
  assert.equal(most, namesMax / each)
  assert.ok(history.length >= secondsMin)
})
