import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { pictureOf } from './page.ts'
import type { Selection } from './view.ts'
import { type Step, walk } from './walk.ts'

const topology = topologyOf('web>db web>cache web>queue db>disk cron>db')
const history = new History()
history.push(topology, frameOf([[50], [90], [10], [5], [1]]))
const picture = pictureOf(topology, history, 1000)

const from = (text: string): Selection =>
  text.includes('>') ? { kind: 'link', id: text } : { kind: 'service', id: text }
const steps = (start: string, ...path: Step[]) =>
  path.reduce<Selection>((at, step) => walk(picture, at, step), from(start)).id

test('right goes to the busiest call, left to the busiest caller', () => {
  assert.equal(steps('web', 'right'), 'cache')
  assert.equal(steps('db', 'left'), 'web')
  assert.equal(steps('db', 'right'), 'disk')
  assert.equal(steps('disk', 'right'), 'disk', 'at the end it stays')
})

test('down and up go round what the busiest caller calls', () => {
  assert.equal(steps('cache', 'down'), 'db')
  assert.equal(steps('cache', 'down', 'down', 'down'), 'cache')
  assert.equal(steps('cache', 'up'), 'queue')
})

test('services that nobody calls stand beside each other', () => {
  assert.equal(steps('web', 'down'), 'cron')
  assert.equal(steps('cron', 'down'), 'web')
})

test('a link leads to its ends and to the next link of its client', () => {
  assert.equal(steps('web>db', 'left'), 'web')
  assert.equal(steps('web>db', 'right'), 'db')
  assert.equal(steps('web>db', 'down'), 'web>queue')
})

test('the first step of all goes to the busiest beginning', () => {
  assert.equal(walk(picture, undefined, 'right').id, 'web')
  assert.equal(walk(picture, from('unknown'), 'down').id, 'web')
})
