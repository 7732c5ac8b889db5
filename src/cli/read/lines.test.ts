import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '#model/transaction.ts'
import { flowOf } from '#protocols/talk.ts'
import { LineWriter } from './line-writer.ts'
import { jsonLine, roomFor } from './lines.ts'

const asked: Transaction = {
  ...{ protocol: 'http', method: 'GET', resource: '/cart', status: '200', outcome: 'ok' },
  ...{ startUs: 1_767_225_600_000_001, durationUs: 1834, requestBytes: 312, responseBytes: 5120 },
  gap: false,
}
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

function lineOf(transaction: Transaction, more: object = {}) {
  const writer = new LineWriter()
  writer.bytes = new Uint8Array(roomFor(transaction))
  const flow = flowOf({ transport: 'tcp', midstream: false }, 80)
  jsonLine(writer, transaction, { ...flow, ...more })
  assert.ok(writer.at <= writer.bytes.length, `${writer.at} bytes in ${writer.bytes.length}`)
  return JSON.parse(Buffer.from(writer.bytes.subarray(0, writer.at)).toString())
}

test('a line of JSON has the trace of its request, if it says one', () => {
  assert.equal(lineOf({ ...asked, traceId }).traceId, traceId)
  assert.equal(lineOf({ ...asked, traceId, gap: true }).traceId, traceId)
  assert.deepEqual(Object.keys(lineOf(asked)).at(-1), 'durationUs')
  assert.deepEqual(lineOf({ ...asked, gap: true, traceId: undefined }).gap, true)
})

test('the longest line fits into the room that is made for it', () => {
  const most = Number.MAX_SAFE_INTEGER
  const end = { ip: 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', port: 65_535 }
  const longest = { ...asked, requestBytes: most, responseBytes: most, durationUs: most }
  const text = '\u0000'.repeat(100)
  const texts = { protocol: 'websocket', method: text, resource: text, status: text } as const
  const found = lineOf(
    { ...longest, ...texts, outcome: 'warning', gap: true, traceId },
    { client: end, server: end },
  )
  assert.equal(found.traceId, traceId)
})
