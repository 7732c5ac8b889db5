import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTraceId, traceIdPattern } from './trace-id.ts'

const id = '4bf92f3577b34da6a3ce929d0e0e4736'

for (const [text, expected] of [
  [id, id],
  [id.toUpperCase(), id],
  ['463AC35C9F6413AD', '0000000000000000463ac35c9f6413ad'],
  ['', undefined],
  [id.slice(1), undefined],
  [`${id}0`, undefined],
  [` ${id}`, undefined],
  [`${id}\n`, undefined],
  ['0'.repeat(32), undefined],
  ['0'.repeat(16), undefined],
  ['g'.repeat(32), undefined],
  ['a'.repeat(100_000), undefined],
] as const) {
  test(`${JSON.stringify(text.slice(0, 40))} is ${expected ?? 'no trace id'}`, () => {
    assert.equal(parseTraceId(text), expected)
    if (expected) assert.match(expected, traceIdPattern)
  })
}
