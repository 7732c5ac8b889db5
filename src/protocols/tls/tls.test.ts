import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mayBeRecords } from './record.ts'

test('a search among records without end costs no more than its bytes', () => {
  const shortest = Buffer.from('160301000100', 'hex')
  const bytes = Buffer.concat([...Array(10_000).fill(shortest), Buffer.from('ffffffffff')])
  const startMs = performance.now()
  for (let at = 0; at < bytes.length; at++) mayBeRecords(bytes, at, bytes.length)
  assert.ok(performance.now() - startMs < 600, `${performance.now() - startMs} ms`)
  assert.ok(!mayBeRecords(bytes, bytes.length - 5 - 6, bytes.length))
})
