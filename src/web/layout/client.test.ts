import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outgrown, remembered } from './client.ts'

test('a picture is begun anew while it is mostly unknown, and then no more', () => {
  for (const [then, now, expected] of [
    ['0/0', '1/0', true],
    ['20/0', '20/3', true],
    ['20/20', '20/22', false],
    ['20/20', '20/31', true],
    ['20/20', '31/20', true],
    ['3/2', '900/800', true],
    ['900/10', '900/700', true],
    ['900/800', '900/1300', false],
    ['900/800', '950/820', false],
    ['20/20', '5/2', false],
  ] as const) {
    const age = (text: string) => {
      const [nodes, links] = text.split('/').map(Number)
      return { nodes, links }
    }
    assert.equal(outgrown(age(then), age(now)), expected, `${then} -> ${now}`)
  }
})

const graph = (...ids: string[]) => ({ nodes: ids.map(id => ({ id })), links: [] })

test('who is gone is remembered where it stood, until somebody else stands there', () => {
  const before = remembered(
    new Map(),
    graph('a', 'b', 'c'),
    Float32Array.from([0, 0, 200, 0, 400, 0]),
  )
  const without = remembered(before, graph('a'), Float32Array.from([0, 0]))
  assert.deepEqual(without.get('b'), { x: 200, y: 0 })
  const taken = remembered(without, graph('a', 'd'), Float32Array.from([0, 0, 210, 10]))
  assert.deepEqual([...taken.keys()].sort(), ['a', 'c', 'd'])
})

test('churn without end is remembered only in part', () => {
  let places = new Map<string, { x: number; y: number }>()
  for (let i = 0; i < 3000; i++)
    places = remembered(places, graph(`n${i}`), Float32Array.from([i * 500, 0]))
  assert.ok(places.size <= 1001, String(places.size))
  assert.ok(places.has('n2999') && places.has('n2500') && !places.has('n3'))
})
