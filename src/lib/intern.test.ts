import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Interner, Interners } from './intern.ts'
import { utf8 } from './text.ts'

const bytesOf = (text: string) => Buffer.from(text)

function textOf(interner: Interner, text: string): string {
  const bytes = bytesOf(`<${text}>`)
  return interner.text(bytes, 1, bytes.length - 1)
}

/** An interner that counts what it decodes. */
function counting() {
  const counts = { decoded: 0 }
  const interner = new Interner((bytes, start, end) => {
    counts.decoded++
    return utf8(bytes, start, end)
  })
  return { interner, counts }
}

test('equal bytes are decoded once, wherever they lie', () => {
  const { interner, counts } = counting()
  assert.equal(textOf(interner, '/cart'), '/cart')
  assert.equal(interner.text(bytesOf('....../cart'), 6, 11), '/cart')
  assert.equal(textOf(interner, '/carts'), '/carts')
  assert.equal(textOf(interner, ''), '')
  assert.equal(counts.decoded, 3)
})

test('what decode gives is what is known, even when it is not the bytes', () => {
  const interner = new Interner(() => '?')
  assert.equal(textOf(interner, 'secret'), '?')
  assert.equal(textOf(interner, 'secret'), '?')
})

test('long texts are decoded, not kept', () => {
  const { interner, counts } = counting()
  const long = 'x'.repeat(5000)
  assert.equal(textOf(interner, long), long)
  assert.equal(textOf(interner, long), long)
  assert.equal(counts.decoded, 2)
})

test('however many texts there are, those in use stay known and the others are forgotten', () => {
  const { interner, counts } = counting()
  for (let i = 0; i < 50_000; i++) {
    assert.equal(textOf(interner, `/item/${i}`), `/item/${i}`)
    if (i % 100 === 0) textOf(interner, '/often')
  }
  const before = counts.decoded
  textOf(interner, '/often')
  textOf(interner, '/item/49999')
  assert.equal(counts.decoded, before)
  textOf(interner, '/item/0')
  assert.equal(counts.decoded, before + 1)
})

test('interners of one name are one', () => {
  const interners = new Interners()
  assert.equal(interners.named('http method'), interners.named('http method'))
  assert.notEqual(interners.named('http method'), interners.named('http target'))
})
