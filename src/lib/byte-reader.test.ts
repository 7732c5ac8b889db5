import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader } from './byte-reader.ts'

const reader = (...bytes: number[]) =>
  new ByteReader().reset(Uint8Array.from(bytes), 0, bytes.length)

test('numbers are read in both byte orders, signed and unsigned', () => {
  assert.equal(reader(0xfe).u8(), 0xfe)
  assert.equal(reader(0xfe).i8(), -2)
  assert.equal(reader(1, 2).u16(), 0x0102)
  assert.equal(reader(0xff, 0xfe).i16(), -2)
  assert.equal(reader(1, 2).u16le(), 0x0201)
  assert.equal(reader(1, 2, 3).u24(), 0x010203)
  assert.equal(reader(1, 2, 3).u24le(), 0x030201)
  assert.equal(reader(0xff, 2, 3, 4).u32(), 0xff020304)
  assert.equal(reader(0xff, 0xff, 0xff, 0xfe).i32(), -2)
  assert.equal(reader(1, 2, 3, 0xff).u32le(), 0xff030201)
  assert.equal(reader(0xfe, 0xff, 0xff, 0xff).i32le(), -2)
  assert.equal(reader(0, 0, 1, 0, 0, 0, 0, 5).u64(), 2 ** 40 + 5)
  assert.equal(reader(5, 0, 0, 0, 0, 1, 0, 0).u64le(), 2 ** 40 + 5)
})

test('reading past the end gives nothing, and all that follows is short too', () => {
  const short = reader(1, 2, 3)
  assert.equal(short.u32(), 0)
  assert.equal(short.short, true)
  assert.equal(short.u8(), 0)
  assert.equal(short.utf8(1), '')
  assert.equal(short.until(1), -1)
  assert.equal(short.left, 0)
})

test('the end of the range is the end, not that of the bytes', () => {
  const part = new ByteReader().reset(Uint8Array.of(1, 2, 3, 4), 1, 3)
  assert.equal(part.u16(), 0x0203)
  assert.equal(part.u8(), 0)
  assert.equal(part.short, true)
})

test('texts end where they say, or at a byte', () => {
  const text = reader(...Buffer.from('name\0värde rest\n'))
  assert.equal(text.cstring(), 'name')
  assert.equal(text.utf8(6), 'värde')
  assert.equal(text.until(0x0a), 16)
  assert.equal(text.left, 0)
  assert.equal(text.short, false)
  assert.equal(reader(0xe9).latin1(1), 'é')
})

test('an attempt that comes up short is as if it never was', () => {
  const bytes = reader(0, 5, 1)
  const read = (from: ByteReader) => [from.u16(), from.u16()]
  assert.equal(bytes.attempt(read), undefined)
  assert.equal(bytes.short, false)
  assert.equal(bytes.u16(), 5)
})

test('a negative length is short', () => {
  const bytes = reader(1, 2)
  bytes.skip(-1)
  assert.equal(bytes.short, true)
})

test('looking ahead reads nothing', () => {
  const bytes = reader(7)
  assert.equal(bytes.peek(), 7)
  assert.equal(bytes.u8(), 7)
  assert.equal(bytes.peek(), -1)
  assert.equal(bytes.short, false)
})
