import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linkFigures } from './figures.ts'
import { frameOf, topologyOf } from './fixtures.ts'
import { History } from './history.ts'
import { problemsMax, problemsOf } from './problems.ts'

function problems(text: string, rows: Parameters<typeof frameOf>[0]) {
  const topology = topologyOf(text)
  const history = new History()
  history.push(topology, frameOf(rows))
  return problemsOf(topology, linkFigures(history, topology, 1), () => true).problems
}

const told = (text: string, rows: Parameters<typeof frameOf>[0]) =>
  problems(text, rows).map(({ kind, name }) => `${kind} ${name}`)

test('all well is no problem', () => {
  assert.deepEqual(told('web>db web>cache', [[100], [50, 1]]), [])
})

test('one error in a thousand is no problem, one in a hundred is', () => {
  assert.deepEqual(
    told('web>db web>cache', [
      [999, 0, 1],
      [99, 0, 1],
    ]),
    ['errors web → cache'],
  )
})

test('errors stand before warnings, whatever their share', () => {
  assert.deepEqual(
    told('web>db web>pay', [
      [40, 60, 0],
      [99, 0, 1],
    ]),
    ['errors web → pay', 'warnings web → db'],
  )
})

test('the same share weighs more where more is asked', () => {
  assert.deepEqual(
    told('web>a web>b', [
      [9, 0, 1],
      [900, 0, 100],
    ]),
    ['errors web → b', 'errors web → a'],
  )
})

test('an unhealthy service is a problem without any traffic', () => {
  assert.deepEqual(told('web>db!', [[0]]), ['unhealthy db'])
})

test('however much is broken, the list has an end', () => {
  const text = Array.from({ length: 200 }, (_, i) => `web>s${i}`).join(' ')
  const rows = Array.from({ length: 200 }, () => [1, 0, 1] as const)
  assert.equal(problems(text, rows).length, problemsMax)
})
