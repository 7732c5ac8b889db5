import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Spot, spotsMax } from '#model/arrangement.ts'
import { cell } from './graph.ts'
import { type LayoutGraph, layout, type Place } from './index.ts'
import { adopted, arrangementOf, changed, type Memory, nothing, remembered } from './memory.ts'

const seed = 7

function random(from: number): () => number {
  let state = from
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

function graphOf(ids: readonly string[], next: () => number): LayoutGraph {
  const nodes = ids.map(id => ({ id, group: groupOf(id) }))
  const links = ids.flatMap((_, server) => {
    const client = Math.floor(next() * ids.length)
    return client === server ? [] : [{ client, server, rate: next() * 100 }]
  })
  return { nodes, links }
}

/** A fifth is alone; the rest is in six groups. */
const groupOf = (id: string) => {
  const number = Number(id.slice(1))
  return number % 5 === 0 ? undefined : `g${number % 6}`
}

/** One step of what the client does: lays out what it remembers, and remembers the answer. */
function step(memory: Memory, graph: LayoutGraph): Memory {
  const of = (byHand: boolean) =>
    new Map([...memory.places].filter(([id]) => memory.hands.has(id) === byHand))
  const positions = layout(graph, of(false), of(true))
  const here = new Set(graph.nodes.map(({ id }) => id))
  return { ...memory, places: remembered(memory, graph, positions), here }
}

/** About a third leaves, as many come; some of those who left come back. */
function churned(ids: readonly string[], pool: number, next: () => number): string[] {
  const kept = ids.filter(() => next() > 0.3)
  const fresh = Array.from(
    { length: ids.length - kept.length },
    () => `n${Math.floor(next() * pool)}`,
  )
  return [...new Set([...kept, ...fresh])]
}

test('under 30 % churn a round nobody who stands is moved, and what hands have placed is moved by hands alone', () => {
  const next = random(seed)
  let ids = Array.from({ length: 120 }, (_, i) => `n${i}`)
  let memory = step(nothing, graphOf(ids, next))
  const byHand = new Map<string, Place>()
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < 3; i++) {
      const id = ids[Math.floor(next() * ids.length)]
      const place = { x: Math.round(next() * 3000 - 1500), y: Math.round(next() * 2000 - 1000) }
      byHand.set(id, place)
      memory = changed(memory, new Map([[id, { ...place, hand: true }]]))
    }
    const before = memory
    const stayed = ids
    ids = churned(ids, 400, next)
    memory = step(memory, graphOf(ids, next))
    for (const id of stayed.filter(each => ids.includes(each)))
      assert.deepEqual(
        memory.places.get(id),
        before.places.get(id),
        `seed ${seed}, ${round}: ${id}`,
      )
    for (const [id, place] of byHand) assert.deepEqual(memory.places.get(id), place, id)
    assertFree(
      memory,
      ids.filter(id => !before.places.has(id)),
      `seed ${seed}, round ${round}`,
    )
  }
})

/** Newcomers stand where nobody stands, and where nobody who is away was put by a hand. */
function assertFree({ places, hands, here }: Memory, newcomers: readonly string[], what: string) {
  const all = [...places].filter(([id]) => here.has(id) || hands.has(id))
  for (const id of newcomers) {
    const { x, y } = places.get(id)!
    const taken = all.find(
      ([other, place]) =>
        other !== id &&
        Math.abs(place.x - x) < cell.width - 2 &&
        Math.abs(place.y - y) < cell.height - 2,
    )
    assert.equal(taken, undefined, `${what}: ${id} at ${x} ${y}`)
  }
}

test('a layout from nothing leaves what hands have placed, and nobody stands in its way', () => {
  const next = random(seed)
  const graph = graphOf(
    Array.from({ length: 60 }, (_, i) => `n${i}`),
    next,
  )
  const fresh = layout(graph, new Map())
  const onTop = { x: Math.round(fresh[20]), y: Math.round(fresh[21]) + 10 }
  const hands = new Map([
    ['n3', onTop],
    ['n4', { x: 5000, y: 5000 }],
    ['away', { x: Math.round(fresh[40]), y: Math.round(fresh[41]) }],
  ])
  const positions = layout(graph, new Map(), hands)
  const at = (node: number) => ({ x: positions[node * 2], y: positions[node * 2 + 1] })
  assert.deepEqual([at(3), at(4)], [onTop, { x: 5000, y: 5000 }])
  const standing = [...graph.nodes.map((_, i) => at(i)), hands.get('away')!]
  for (const [i, a] of standing.entries())
    for (const [j, b] of standing.slice(i + 1).entries())
      assert.ok(
        Math.abs(a.x - b.x) >= cell.width - 2 || Math.abs(a.y - b.y) >= cell.height - 2,
        `${i} ${i + 1 + j}`,
      )
})

test('a member that a hand has put far away does not keep newcomers from its group', () => {
  const graph = (...names: string[]) => ({
    nodes: names.map(id => ({ id, group: 'shop' })),
    links: names.slice(1).map((_, i) => ({ client: i, server: i + 1, rate: 1 })),
  })
  const places = new Map([
    ['a', { x: 0, y: 0 }],
    ['b', { x: 168, y: 0 }],
  ])
  const hands = new Map([['far', { x: 4000, y: -3000 }]])
  const [, , , , , , x, y] = layout(graph('far', 'a', 'b', 'new'), places, hands)
  assert.ok(Math.abs(x - 336) <= 168 && Math.abs(y) <= 192, `${x} ${y}`)
})

test('two viewers see the same: from the same names, and from what one has arranged', () => {
  const next = random(seed)
  const ids = Array.from({ length: 80 }, (_, i) => `n${i}`)
  const graph = graphOf(ids, next)
  const one = step(nothing, graph)
  assert.deepEqual(step(nothing, structuredClone(graph)).places, one.places)
  // The one has a long past, with a hand in it; the other comes now, and hears of it as JSON.
  let past = step(nothing, graphOf(ids.slice(0, 30), next))
  past = step(past, graphOf([...ids.slice(0, 60), 'n500'], next))
  const spots = new Map<string, Spot>([['n7', { x: 40, y: -900, hand: true }]])
  past = step(changed(past, spots), graph)
  const heard = JSON.parse(JSON.stringify(arrangementOf(past)))
  const now = step(adopted(nothing, heard), graph)
  assert.deepEqual(now.places, new Map([...past.places].filter(([id]) => ids.includes(id))))
  const later = graphOf([...ids, 'n901', 'n902'], random(seed))
  for (const id of later.nodes.map(node => node.id))
    assert.deepEqual(step(now, later).places.get(id), step(past, later).places.get(id), id)
  assert.ok(Object.keys(heard).length <= spotsMax)
})
