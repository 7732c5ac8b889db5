import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  adopted,
  arrangementOf,
  changed,
  isStale,
  nothing,
  outgrown,
  remembered,
} from './memory.ts'

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
    nothing,
    graph('a', 'b', 'c'),
    Float32Array.from([0, 0, 200, 0, 400, 0]),
  )
  const without = remembered(
    { places: before, hands: new Set() },
    graph('a'),
    Float32Array.from([0, 0]),
  )
  assert.deepEqual(without.get('b'), { x: 200, y: 0 })
  const taken = remembered(
    { places: without, hands: new Set() },
    graph('a', 'd'),
    Float32Array.from([0, 0, 210, 10]),
  )
  assert.deepEqual([...taken.keys()].sort(), ['a', 'c', 'd'])
})

test('churn without end is remembered only in part', () => {
  let places = new Map<string, { x: number; y: number }>()
  for (let i = 0; i < 3000; i++)
    places = remembered(
      { places, hands: new Set() },
      graph(`n${i}`),
      Float32Array.from([i * 500, 0]),
    )
  assert.ok(places.size <= 1001, String(places.size))
  assert.ok(places.has('n2999') && places.has('n2500') && !places.has('n3'))
})

const placed = (text: string) =>
  new Map(
    text.split(' ').map(each => {
      const [, id, x, y, hand] = /^(\w+)@(-?\d+),(-?\d+)(!?)$/.exec(each)!
      return [id, { x: Number(x), y: Number(y), ...(hand ? { hand: true as const } : {}) }]
    }),
  )

test('where a hand has put a node stays kept, also when it is gone and somebody stands there', () => {
  const memory = changed(nothing, placed('a@0,0! b@400,0'))
  const places = remembered(memory, graph('c', 'd'), Float32Array.from([0, 0, 400, 0]))
  assert.deepEqual([...places.keys()].sort(), ['a', 'c', 'd'])
})

test('what others should know is who is here and who was placed by hand', () => {
  const memory = { ...changed(nothing, placed('a@0,0! b@400,0 c@9,9')), here: new Set(['b']) }
  const arrangement = Object.fromEntries(placed('a@0,0! b@400,0'))
  assert.deepEqual(arrangementOf(memory), arrangement)
})

test('what somebody else has arranged is followed, and whoever is not in it stays', () => {
  const before = changed(nothing, placed('a@0,0! b@400,0 c@9,9'))
  const after = adopted(before, Object.fromEntries(placed('b@1,1! d@7,7')))
  assert.deepEqual([...after.hands], ['b'])
  assert.deepEqual(Object.fromEntries(after.places), {
    a: { x: 0, y: 0 },
    b: { x: 1, y: 1 },
    c: { x: 9, y: 9 },
    d: { x: 7, y: 7 },
  })
})

test('a place that somebody has arranged is not begun anew, unless hardly anybody of it is left', () => {
  const young = { ...nothing, places: placed('a@0,0'), begun: { nodes: 1, links: 0 } }
  assert.equal(isStale(young, graph('a', 'b')), true)
  const arranged = changed(young, placed('a@5,5!'))
  assert.equal(isStale(arranged, graph('a', 'b')), false)
  assert.equal(isStale(arranged, graph('a', 'b', 'c')), true)
})
