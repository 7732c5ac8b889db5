import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { bounded } from '#model/arrangement.ts'
import { Arrangements, defaultStateFolder } from './arrangements.ts'

function open(folder?: string) {
  const said: string[] = []
  return { arrangements: new Arrangements({ folder, warn: text => said.push(text) }), said }
}

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'inkling-state-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const shop = { at: 'shop', nodes: { web: { x: 1, y: 2, hand: true as const }, db: { x: 3, y: 4 } } }

test('what was arranged is there after a restart, and nothing else is in the folder', t => {
  const folder = join(folderFor(t), 'deep/er')
  const { arrangements, said } = open(folder)
  arrangements.put({ at: 'shop', nodes: { web: { x: 9, y: 9 } } })
  arrangements.put(shop)
  arrangements.put({ at: '', nodes: { all: { x: 0, y: 0 } } })
  arrangements.flush()
  assert.deepEqual(open(folder).arrangements.all(), arrangements.all())
  assert.deepEqual(open(folder).arrangements.of('shop'), shop)
  assert.deepEqual(open(folder).arrangements.of('nowhere'), { at: 'nowhere', nodes: {} })
  assert.deepEqual(readdirSync(folder), ['places.json'])
  assert.deepEqual(said, [])
})

test('a place of which nothing is arranged is none', () => {
  const { arrangements } = open()
  arrangements.put(shop)
  arrangements.put({ at: 'shop', nodes: {} })
  assert.deepEqual(arrangements.all(), [])
})

test('a bad file is said once, ignored, and replaced by the next good one', t => {
  for (const bad of [
    '',
    '{',
    '[]',
    '{"version":2,"places":[]}',
    '{"version":1,"places":[{"at":1}]}',
  ]) {
    const folder = folderFor(t)
    writeFileSync(join(folder, 'places.json'), bad)
    const { arrangements, said } = open(folder)
    assert.deepEqual(arrangements.all(), [], bad)
    assert.equal(said.length, 1)
    assert.match(said[0], /places\.json is ignored/)
    arrangements.put(shop)
    arrangements.flush()
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'places.json'), 'utf8')).places, [shop])
  }
})

test('a folder that cannot be written is said once, and the map goes on', t => {
  const file = join(folderFor(t), 'file')
  writeFileSync(file, '')
  const { arrangements, said } = open(join(file, 'below'))
  for (let i = 0; i < 3; i++) {
    arrangements.put(shop)
    arrangements.flush()
  }
  assert.deepEqual(arrangements.all(), [shop])
  assert.equal(said.filter(text => text.includes('memory alone')).length, 1)
})

test('places without end: those longest untouched are forgotten', () => {
  const { arrangements } = open()
  for (let i = 0; i < 300; i++) arrangements.put({ ...shop, at: `p${i}` })
  assert.equal(arrangements.all().length, 200)
  assert.deepEqual(arrangements.of('p99').nodes, {})
  assert.deepEqual(arrangements.of('p299').nodes, shop.nodes)
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`n${i}`, { x: i, y: 0 }]))
  for (let i = 0; i < 9; i++) arrangements.put({ at: `w${i}`, nodes: wide })
  assert.equal(arrangements.all().length, 5)
})

test('an arrangement that is too large keeps what hands have placed', () => {
  const many = Array.from({ length: 3000 }, (_, i) => [`n${i}`, { x: i, y: 0 }] as const)
  const kept = bounded([...many, ['mine', { x: 5, y: 5, hand: true }], ['', { x: 0, y: 0 }]])
  assert.equal(Object.keys(kept).length, 2000)
  assert.deepEqual(kept.mine, { x: 5, y: 5, hand: true })
  assert.deepEqual(bounded([['far', { x: 2e6, y: 0 }]]), {})
})

test('the folder is where the system keeps state', () => {
  assert.equal(defaultStateFolder({ XDG_STATE_HOME: '/x' }, 0), '/x/inkling/server')
  assert.equal(defaultStateFolder({}, 0), '/var/lib/inkling/server')
  assert.equal(defaultStateFolder({ HOME: '/home/a' }, 7), '/home/a/.local/state/inkling/server')
})
