import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Arrangement } from '#model/arrangement.ts'
import { type Deed, deedsMax, onDeed, onToldLongAgo, onUndone, SharedPlaces } from './arranging.ts'
import type { Page } from './page.ts'

type Arranging = Pick<Page, 'deeds' | 'told'>
const untouched: Arranging = { deeds: [], told: undefined }

function deed(id: string, atMs: number, isStep = false): Deed {
  return { kind: 'moved', at: 'shop', id, name: id, before: new Map(), isStep, atMs }
}

test('deeds are undone one after the other, newest first; the oldest are forgotten', () => {
  let page = untouched
  for (let i = 0; i < deedsMax + 5; i++) page = onDeed(page, deed(`n${i}`, i))
  assert.equal(page.deeds.length, deedsMax)
  assert.equal(page.deeds.at(-1)?.id, `n${deedsMax + 4}`)
  page = onUndone(page, 99)
  assert.equal(page.deeds.at(-1)?.id, `n${deedsMax + 3}`)
  assert.deepEqual(page.told, { kind: 'undone', sinceMs: 99 })
  assert.equal(onUndone(untouched, 1), untouched)
})

test('steps of one node that follow each other closely are one deed', () => {
  const first = deed('a', 0, true)
  const steps = [first, deed('a', 900, true), deed('a', 1800, true)]
  const page = steps.reduce<Arranging>(onDeed, untouched)
  assert.equal(page.deeds.length, 1)
  assert.equal(page.deeds[0].before, first.before)
  for (const other of [deed('b', 1900, true), deed('a', 1900), deed('a', 9000, true)])
    assert.equal(onDeed(page, other).deeds.length, 2)
})

test('what is said of a deed goes after a while', () => {
  const page = onDeed(untouched, deed('a', 1000))
  assert.equal(onToldLongAgo(page, 2000), page)
  assert.equal(onToldLongAgo(page, 60_000).told, undefined)
})

function shared(t: TestContext, isKept = true) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const said: [string, Arrangement][] = []
  const heard: string[] = []
  const places = new SharedPlaces({
    by: 'me',
    put: async (at, nodes) => {
      said.push([at, nodes])
      return isKept
    },
    arranged: at => heard.push(at),
    failed: () => heard.push('failed'),
  })
  return { places, said, heard }
}

const here = { web: { x: 1, y: 1 } }
const there = { web: { x: 2, y: 2 } }

test('changes that follow each other closely are told once, the newest', t => {
  const { places, said } = shared(t)
  places.put('', here, 400)
  t.mock.timers.tick(300)
  places.put('', there, 400)
  t.mock.timers.tick(300)
  assert.deepEqual(said, [])
  t.mock.timers.tick(100)
  assert.deepEqual(said, [['', there]])
})

test('others are heard, oneself is not, and nobody while one is about to say otherwise', t => {
  const { places, heard } = shared(t)
  places.hear([{ at: 'shop', nodes: here }], 'somebody')
  assert.deepEqual(places.get('shop'), here)
  places.hear([{ at: 'shop', nodes: there }], 'me')
  assert.deepEqual(places.get('shop'), here)
  places.put('shop', there, 400)
  places.hear([{ at: 'shop', nodes: here }], 'somebody')
  assert.deepEqual(places.get('shop'), there)
  t.mock.timers.tick(400)
  places.hear([{ at: 'shop', nodes: here }], 'somebody')
  assert.deepEqual(places.get('shop'), here)
  assert.deepEqual(heard, ['shop', 'shop'])
})

test('that the server did not keep it is said', async t => {
  const { places, heard } = shared(t, false)
  places.put('', here, 0)
  t.mock.timers.tick(1)
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(heard, ['failed'])
})
