import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '#model/graph.ts'
import type { Outcome } from '#model/transaction.ts'
import { stores } from './index.ts'
import type { Store } from './store.ts'

function lineOf(startMs: number, more: Partial<LogLine> = {}): Omit<LogLine, 'sequence'> {
  return {
    link: 'l1',
    protocol: 'http',
    method: 'GET',
    resource: '/',
    status: '200',
    outcome: 'ok',
    startUs: startMs * 1000,
    durationUs: 10,
    requestBytes: 1,
    responseBytes: 1,
    gap: false,
    clientPort: 1,
    client: { ip: '10.0.0.1', port: 1, service: 'a', instance: 'web-1' },
    server: { ip: '10.0.0.2', port: 80, service: 'b' },
    ...more,
  }
}

const timesOf = (lines: readonly LogLine[]) => lines.map(({ startUs }) => startUs / 1000)

const laws: [claim: string, check: (open: () => Store) => void][] = [
  [
    'lines come newest first, as many as asked for',
    open => {
      const store = open()
      store.write([1, 2, 3].map(at => lineOf(at)))
      assert.deepEqual(timesOf(store.transactions({ link: 'l1', limit: 2 })), [3, 2])
    },
  ],
  [
    'a link has its own lines only',
    open => {
      const store = open()
      store.write([lineOf(1), lineOf(2, { link: 'l2' })])
      assert.deepEqual(timesOf(store.transactions({ link: 'l2', limit: 9 })), [2])
      assert.deepEqual(store.transactions({ link: 'none', limit: 9 }), [])
    },
  ],
  [
    'who follows gets what came after',
    open => {
      const store = open()
      store.write([lineOf(1), lineOf(2)])
      const after = store.transactions({ link: 'l1', limit: 9 })[0].sequence
      store.write([lineOf(3)])
      assert.deepEqual(timesOf(store.transactions({ link: 'l1', limit: 9, after })), [3])
    },
  ],
  [
    'a late line stands where its time is, and who follows gets it',
    open => {
      const store = open()
      store.write([lineOf(10), lineOf(20, { outcome: 'error' })])
      const after = store.transactions({ link: 'l1', limit: 9 })[0].sequence
      store.write([lineOf(5), lineOf(15), lineOf(18, { outcome: 'error' })])
      assert.deepEqual(timesOf(store.transactions({ link: 'l1', limit: 9 })), [20, 18, 15, 10, 5])
      assert.deepEqual(timesOf(store.transactions({ link: 'l1', limit: 9, after })), [18, 15, 5])
    },
  ],
  [
    'outcome, time and text choose',
    open => {
      const store = open()
      const error: Outcome = 'error'
      store.write([
        lineOf(1, { outcome: error }),
        lineOf(2, { resource: '/Cart' }),
        lineOf(3),
        lineOf(4, { outcome: error }),
      ])
      const find = (query: object) =>
        timesOf(store.transactions({ link: 'l1', limit: 9, ...query }))
      assert.deepEqual(find({ outcome: 'error' }), [4, 1])
      assert.deepEqual(find({ sinceMs: 2, untilMs: 4 }), [3, 2])
      assert.deepEqual(find({ text: 'cart' }), [2])
      assert.deepEqual(find({ text: 'WEB-1', outcome: 'error', untilMs: 4 }), [1])
    },
  ],
  [
    'the lines of a trace, of one link or of all, newest first',
    open => {
      const store = open()
      const [traceId, other] = ['1', '2'].map(digit => digit.repeat(32))
      store.write([
        lineOf(1, { traceId }),
        lineOf(3, { traceId, link: 'l2', outcome: 'error' }),
        lineOf(4, { traceId: other }),
        lineOf(5),
      ])
      store.write([lineOf(2, { traceId, link: 'l3' })])
      const find = (query: object) => timesOf(store.transactions({ limit: 9, ...query }))
      assert.deepEqual(find({ traceId }), [3, 2, 1])
      assert.deepEqual(find({ traceId, limit: 2 }), [3, 2])
      assert.deepEqual(find({ traceId, outcome: 'error' }), [3])
      assert.deepEqual(find({ traceId, link: 'l1' }), [1])
      assert.deepEqual(find({ link: 'l1', text: '22222' }), [4])
      assert.deepEqual(find({ traceId: '3'.repeat(32) }), [])
    },
  ],
  [
    'those that took long can be asked for alone; what was not answered has no length',
    open => {
      const store = open()
      store.write([1, 2, 3].map(at => lineOf(at, { durationUs: at * 1000 })))
      store.write([lineOf(4, { durationUs: undefined })])
      const slower = (slowerUs: number) =>
        timesOf(store.transactions({ link: 'l1', limit: 9, slowerUs }))
      assert.deepEqual(slower(2000), [3, 2])
      assert.deepEqual(slower(0).length, 4)
    },
  ],
  [
    'a flood of quiet lines does not oust the errors, and what goes is counted',
    open => {
      const store = open()
      store.write([lineOf(1, { outcome: 'error' })])
      for (let at = 2; at < 5002; at++) store.write([lineOf(at)])
      assert.deepEqual(timesOf(store.transactions({ link: 'l1', limit: 9, outcome: 'error' })), [1])
      const kept = store.transactions({ link: 'l1', limit: 10_000 }).length
      assert.ok(kept < 1300, `${kept} lines`)
      assert.equal(store.dropped, 5001 - kept)
    },
  ],
  [
    'over the whole budget the links that were quiet the longest lose their logs',
    open => {
      const store = open()
      for (let link = 0; link < 1000; link++) {
        store.write(Array.from({ length: 200 }, () => lineOf(link + 1, { link: `l${link}` })))
      }
      assert.equal(store.transactions({ link: 'l0', limit: 9 }).length, 0)
      assert.equal(store.transactions({ link: 'l999', limit: 9 }).length, 9)
      assert.equal(store.dropped, 100_000)
    },
  ],
]

for (const { name, open } of stores) {
  for (const [claim, check] of laws) test(`${name}: ${claim}`, () => check(open))
}
