import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameOf, topologyOf } from './fixtures.ts'
import { History, secondsMax, secondsMin } from './history.ts'

test('a series sums the links and is oldest first', () => {
  const topology = topologyOf('web>db cron>db')
  const history = new History()
  history.push(topology, frameOf([[1, 0, 1, 0, 70], [2]]))
  history.push(topology, frameOf([[5], [5, 0, 0, 0, 90]]))
  assert.deepEqual(history.series(['web>db', 'cron>db'], 10), {
    requests: [4, 10],
    errorShare: [0.25, 0],
    p99Us: [70, 90],
  })
  assert.deepEqual(history.totals(1), { requests: [10], errors: [0] })
})

test('a link that is not known in a second counts nothing there', () => {
  const history = new History()
  history.push(topologyOf('web>db'), frameOf([[1]]))
  assert.deepEqual(history.series(['gone>db'], 1).requests, [0])
})

test('it keeps a quarter of an hour, and less when there are many links', () => {
  const small = new History()
  const topology = topologyOf('web>db')
  for (let i = 0; i < secondsMax + 10; i++) small.push(topology, frameOf([[i]]))
  assert.equal(small.length, secondsMax)

  const large = new History()
  const many = topologyOf(Array.from({ length: 50_000 }, (_, i) => `c${i}>s`).join(' '))
  const frame = frameOf(many.links.map(() => [1] as const))
  for (let i = 0; i < secondsMin + 10; i++) large.push(many, frame)
  assert.equal(large.length, secondsMin)
})
