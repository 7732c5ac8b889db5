import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStore, feedIntervalMs } from './store.ts'

test('what the network does is shown at most four times a second, and the last of it always', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const store = createStore(0)
  const shown: number[] = []
  store.subscribe(() => shown.push(store.get()))
  for (let i = 1; i <= 100; i++) {
    store.feed(() => i)
    t.mock.timers.tick(10)
  }
  t.mock.timers.tick(feedIntervalMs)
  assert.equal(shown[0], 1, 'the first at once')
  assert.equal(shown.at(-1), 100)
  assert.ok(shown.length <= 6, `${shown.length} times in a second`)
})

test('what a person does is shown at once, and with it what waited', t => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const store = createStore({ fed: 0, done: 0 })
  let told = 0
  store.subscribe(() => told++)
  store.feed(value => ({ ...value, fed: 1 }))
  store.feed(value => ({ ...value, fed: 2 }))
  store.set(value => ({ ...value, done: 1 }))
  assert.equal(told, 2)
  assert.deepEqual(store.get(), { fed: 2, done: 1 })
  t.mock.timers.tick(feedIntervalMs * 2)
  assert.equal(told, 2, 'nothing is shown twice')
})

test('no change tells nobody, and who left hears nothing', () => {
  const store = createStore(1)
  let told = 0
  const leave = store.subscribe(() => told++)
  store.set(value => value)
  assert.equal(told, 0)
  leave()
  store.set(() => 2)
  assert.equal(told, 0)
})
