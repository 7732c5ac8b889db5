import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rawTarget, safeTarget } from './target.ts'

for (const [target, safe] of Object.entries({
  '/': '/',
  '/a?b=1&c': '/a?b=?&c',
  '/a?b=1;c=2': '/a?b=?;c=?',
  '/a?': '/a?',
  '/a?=x&=': '/a?=?&=?',
  '/a?b=c=d&e=/f?g=h': '/a?b=?&e=?',
  '/cart;jsessionid=1A2B/items': '/cart;jsessionid=?/items',
  'http://ann:secret@shop:8080/a?token=x': 'http://shop:8080/a?token=?',
  'ftp://ann@files/x': 'ftp://files/x',
  'ann:secret@db:5432': 'db:5432',
  'db:5432': 'db:5432',
  '/users/ann@example.com': '/users/ann@example.com',
  '*': '*',
})) {
  test(`of the target ${target} leaves the node: ${safe}`, () => {
    const bytes = Buffer.from(target)
    assert.equal(safeTarget(bytes, 0, bytes.length), safe)
    assert.equal(rawTarget(bytes, 0, bytes.length), target)
  })
}

test('long targets are cut', () => {
  const bytes = Buffer.from(`/${'a'.repeat(60_000)}?x=secret`)
  assert.equal(safeTarget(bytes, 0, bytes.length).length, 2048)
  assert.equal(rawTarget(bytes, 0, bytes.length).length, 2048)
})

test('a secret in a query that is cut off does not leave', () => {
  const bytes = Buffer.from(`/${'a'.repeat(2000)}?password=${'s'.repeat(9000)}`)
  assert.doesNotMatch(safeTarget(bytes, 0, bytes.length), /sss/)
})
