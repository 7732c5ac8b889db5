import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topologyOf } from './fixtures.ts'
import { match, resultsMax, search } from './search.ts'

test('beginnings stand before middles, middles before scattered letters', () => {
  const scores = ['cart', 'cart-db', 'my-cart', 'discart', 'c-a-r-t'].map(name =>
    match(name, 'cart'),
  )
  assert.deepEqual(
    scores,
    [...scores].sort((a, b) => b - a),
  )
  assert.ok(scores.at(-1)! > 0)
  assert.equal(match('redis', 'cart'), 0)
  assert.equal(match('c..................a..r..t', 'cart'), 0, 'too far apart to mean it')
})

test('services are found by name and by group, links by both ends and protocol', () => {
  const topology = topologyOf('web>db')
  assert.deepEqual(
    search(topology, ' DB ')?.results.map(({ name }) => name),
    ['db', 'web → db'],
  )
  assert.deepEqual([...search(topology, 'shop')!.services], [0, 1])
  assert.equal(search(topology, 'http')?.results[0].target.kind, 'link')
})

test('no text is no search, and what is not found is counted as 0', () => {
  assert.equal(search(topologyOf('web>db'), '  '), undefined)
  assert.equal(search(topologyOf('web>db'), 'zzz')?.count, 0)
})

test('many results are counted, few are listed', () => {
  const text = Array.from({ length: 100 }, (_, i) => `web>api-${i}`).join(' ')
  const found = search(topologyOf(text), 'api')!
  assert.equal(found.results.length, resultsMax)
  assert.equal(found.count, 200)
})
