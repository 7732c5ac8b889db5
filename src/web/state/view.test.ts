import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyView, formatView, parseView, type View } from './view.ts'

test('a view comes back from its address as it was', () => {
  const views: View[] = [
    emptyView,
    { ...emptyView, selection: { kind: 'service', id: 'compose:shop:vote' } },
    { ...emptyView, selection: { kind: 'link', id: 'a&b=c>d/é?#%20 ' }, theme: 'light' },
    { ...emptyView, theme: 'dark', table: 'services' },
    { ...emptyView, frame: 'kiosk', theme: 'light' },
    { ...emptyView, frame: 'embed', at: 'shop' },
    { ...emptyView, selection: { kind: 'link', id: 'a' }, text: 'GET', slowerMs: 250 },
    { ...emptyView, selection: { kind: 'link', id: 'a' }, trace: '4bf9'.repeat(8) },
    { ...emptyView, moment: { timeMs: 1_795_000_000_000, outcome: 'error' } },
    { ...emptyView, moment: { timeMs: 1_795_000_000_000, outcome: undefined, seconds: 5 } },
    { ...emptyView, selection: { kind: 'node', id: 'node-1.example' }, minutes: 5 },
    { ...emptyView, selection: { kind: 'service', id: 'a' }, tab: 'instances' },
    { ...emptyView, selection: { kind: 'link', id: 'a>b' }, text: 'SELECT * & more' },
    { ...emptyView, at: 'production/blue & green', selection: { kind: 'group', id: 'group:a/b' } },
    { ...emptyView, selection: { kind: 'service', id: '<img onerror>' }, table: 'links' },
  ]
  for (const view of views) assert.deepEqual(parseView(formatView(view)), view)
})

test('an empty view leaves the address empty', () => {
  assert.equal(formatView(emptyView), '')
})

test('what is not understood is left out', () => {
  assert.deepEqual(parseView('?theme=pink&view=chart&link=&what=1'), emptyView)
  assert.deepEqual(parseView(`?service=${'x'.repeat(600)}`), emptyView)
  assert.deepEqual(parseView('?trace=4bf9'), emptyView)
  assert.deepEqual(parseView(`?trace=${'0'.repeat(32)}`), emptyView)
  assert.deepEqual(parseView('?tab=all&minutes=7&moment=5&seconds=1e9'), {
    ...emptyView,
    moment: { timeMs: 5, outcome: undefined },
  })
})

test('a wall and an embedded map have short addresses', () => {
  assert.equal(formatView({ ...emptyView, frame: 'kiosk' }), '?kiosk')
  assert.equal(parseView('?kiosk').frame, 'kiosk')
  assert.equal(parseView('?embed&at=shop').frame, 'embed')
})

test('a trace of 64 bits, or in capital letters, is the one that lines have', () => {
  const { trace } = parseView('?link=a&trace=463AC35C9F6413AD')
  assert.equal(trace, '0000000000000000463ac35c9f6413ad')
})
