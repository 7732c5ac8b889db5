import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unsnappy } from './snappy.ts'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const text = (hex: string, bytesMax = 1000) => {
  const found = unsnappy(bytes(hex), bytesMax)
  return found && Buffer.from(found).toString('latin1')
}

for (const [name, hex, expected] of [
  ['a literal', '05 10 68656c6c6f', 'hello'],
  ['nothing', '00', ''],
  ['a copy with one byte of offset', '0a 10 68656c6c6f 05 05', 'hellohello'],
  ['a copy that repeats itself', '08 00 61 0d 01', 'aaaaaaaa'],
  ['a copy with two bytes of offset', '0a 10 68656c6c6f 12 0500', 'hellohello'],
  ['a copy with four bytes of offset', '0a 10 68656c6c6f 13 05000000', 'hellohello'],
  ['a literal with a length of its own', '05 f0 04 68656c6c6f', 'hello'],
  ['a length that is not reached', '06 10 68656c6c6f', undefined],
  ['a length that is passed', '04 10 68656c6c6f', undefined],
  ['a copy of what was not yet', '0a 10 68656c6c6f 05 06', undefined],
  ['a copy of nothing', '0a 10 68656c6c6f 05 00', undefined],
  ['a literal that is cut', '05 10 6865', undefined],
  ['an offset that is cut', '0a 10 68656c6c6f 12 05', undefined],
  ['a length that does not end', 'ffffffffffff', undefined],
  ['no byte', '', undefined],
] as const) {
  test(`snappy: ${name}`, () => assert.equal(text(hex), expected))
}

test('snappy: what would be longer than allowed is not even begun', () => {
  assert.equal(text('05 10 68656c6c6f', 4), undefined)
  assert.equal(text('ffffffff0f 00 61', 1000), undefined)
})

test('snappy: a length that so few bytes cannot reach is none, whatever follows', () => {
  assert.equal(text('80801000 61', 1 << 20), undefined)
})
