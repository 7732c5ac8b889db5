import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { ClusterEvent } from '#model/event.ts'
import { MemoryEvents } from './events.ts'

const eventOf = (timeMs: number, service = 'web'): ClusterEvent => ({
  ...{ timeMs, service, kind: 'restarted', instance: `docker:${timeMs}` },
})

const timesOf = (events: readonly ClusterEvent[]) => events.map(({ timeMs }) => timeMs)

test('events come newest first, whenever they were told, as many as asked for', () => {
  const store = new MemoryEvents()
  store.write([10, 30, 20].map(at => eventOf(at)))
  store.write([eventOf(25, 'db')])
  assert.deepEqual(timesOf(store.events({ limit: 9 })), [30, 25, 20, 10])
  assert.deepEqual(timesOf(store.events({ limit: 2 })), [30, 25])
  assert.deepEqual(timesOf(store.events({ limit: 9, service: 'web' })), [30, 20, 10])
  assert.deepEqual(timesOf(store.events({ limit: 9, sinceMs: 20, untilMs: 30 })), [25, 20])
  assert.deepEqual(store.events({ limit: 9, service: 'none' }), [])
})

test('one that restarts again and again does not oust the others; what goes is counted', () => {
  const store = new MemoryEvents({ eventsMax: 100, perServiceMax: 10 })
  store.write([eventOf(1, 'calm')])
  for (let at = 2; at < 1002; at++) store.write([eventOf(at, 'wild')])
  assert.deepEqual(timesOf(store.events({ limit: 1000, service: 'calm' })), [1])
  assert.equal(store.events({ limit: 1000 }).length, 11)
  assert.equal(store.droppedEvents, 990)
})

test('over the budget the oldest go', () => {
  const store = new MemoryEvents({ eventsMax: 100, perServiceMax: 10 })
  for (let at = 0; at < 300; at++) store.write([eventOf(at, `s${at}`)])
  const times = timesOf(store.events({ limit: 1000 }))
  assert.deepEqual([times.length, times[0], times.at(-1)], [100, 299, 200])
})

test('however many there were, they weigh less than 12 MiB', () => {
  const store = new MemoryEvents()
  const before = heapBytes()
  for (let at = 0; at < 20_000; at++) {
    const [from, to] = ['a', 'b'].map(letter => `${letter}${at}`.repeat(40))
    store.write([{ ...eventOf(at, `s${at % 200}`), instanceName: `${at}`.repeat(20), from, to }])
  }
  const bytes = heapBytes() - before
  assert.ok(bytes < 12 * 2 ** 20, `${(bytes / 2 ** 20).toFixed(1)} MiB`)
  assert.equal(store.events({ limit: 9999 }).length, 5000)
})

/** What lives. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
