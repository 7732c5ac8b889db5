import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Packed } from './packed.ts'

function back(numbers: readonly number[], change: (packed: Packed) => void = () => undefined) {
  const packed = new Packed()
  for (const number of numbers) packed.push(number)
  change(packed)
  const reader = packed.read()
  const found: number[] = []
  while (!reader.isAtEnd) found.push(reader.next())
  return found
}

const numbers = Array.from({ length: 54 }, (_, bits) => [2 ** bits - 1, 2 ** bits]).flat()
const safe = numbers.filter(Number.isSafeInteger)

test('whole numbers come back in their order, however large', () => {
  assert.deepEqual(back(safe), safe)
})

test('they come back whatever the room they needed, and after the rest was given back', () => {
  const many = Array.from({ length: 5000 }, (_, i) => safe[(i * 31) % safe.length])
  assert.deepEqual(back(many), many)
  const trimmed = back(many, packed => {
    packed.trim()
    packed.push(7)
  })
  assert.deepEqual(trimmed, [...many, 7])
})

test('small numbers are small', () => {
  const packed = new Packed()
  for (let i = 0; i < 1000; i++) packed.push(i % 128)
  packed.trim()
  assert.equal(packed.byteLength, 1000)
})

test('a number that is too large is the largest', () => {
  assert.deepEqual(back([1e300, 3]), [Number.MAX_SAFE_INTEGER, 3])
})

test('what is passed over is as long as what is read', () => {
  for (let i = 0; i < safe.length; i++) {
    const packed = new Packed()
    for (const number of safe) packed.push(number)
    const reader = packed.read()
    reader.skip(i)
    assert.equal(reader.next(), safe[i])
  }
})
