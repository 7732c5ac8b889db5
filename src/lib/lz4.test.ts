import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unlz4 } from './lz4.ts'

const text = (hex: string, size: number) => {
  const found = unlz4(Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')), size)
  return found && Buffer.from(found).toString('latin1')
}

for (const [name, hex, expected] of [
  ['literals', '50 68656c6c6f', 'hello'],
  ['nothing', '00', ''],
  ['a copy', '51 68656c6c6f 0500 10 21', 'hellohello!'],
  ['a copy that repeats itself', '14 61 0100 10 62', 'aaaaaaaaab'],
  ['a long copy', '1f 61 0100 02 10 62', `${'a'.repeat(22)}b`],
  ['many literals', `f0 05 ${'61'.repeat(20)}`, 'a'.repeat(20)],
  ['literals that are cut', '50 6865', undefined],
  ['an offset that is cut', '51 68656c6c6f 05', undefined],
  ['a copy of what was not yet', '51 68656c6c6f 0600 10 21', undefined],
  ['a copy of nothing', '51 68656c6c6f 0000 10 21', undefined],
] as const) {
  test(`lz4: ${name}`, () => assert.equal(text(hex, expected?.length ?? 11), expected))
}

test('lz4: what becomes another length is none', () => {
  assert.equal(text('50 68656c6c6f', 4), undefined)
  assert.equal(text('50 68656c6c6f', 6), undefined)
  assert.equal(text('1f 61 0100 ffffffffffffffffffffff', 100), undefined)
})
