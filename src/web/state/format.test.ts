import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, bytes, duration, formatNumber, join, score, share, timestamp } from './format.ts'

const table = <T>(format: (value: T) => string, rows: readonly [T, string][]) => {
  for (const [value, text] of rows) assert.equal(format(value), text, `${value}`)
}

test('numbers have about three figures', () => {
  table(formatNumber, [
    [0, '0'],
    [Number.NaN, '0'],
    [0.001, '<0.01'],
    [0.044, '0.04'],
    [0.2, '0.2'],
    [3.44, '3.4'],
    [5, '5'],
    [9.96, '10'],
    [999.4, '999'],
    [999.6, '1,000'],
    [1284, '1,284'],
    [9999.9, '10.0k'],
    [128_400, '128.4k'],
    [1_234_567, '1.23M'],
  ])
})

test('durations change unit where the number would grow long', () => {
  table(
    us => join(duration(us)),
    [
      [undefined, '–'],
      [0, '–'],
      [240, '240 µs'],
      [999.6, '1.0 ms'],
      [3400, '3.4 ms'],
      [34_000, '34 ms'],
      [999_900, '1.00 s'],
      [12_340_000, '12.3 s'],
      [90_000_000, '1.5 min'],
    ],
  )
})

test('a small share is never shown as none', () => {
  table(
    part => join(share(part)),
    [
      [0, '0 %'],
      [0.00001, '<0.01 %'],
      [0.0004, '0.04 %'],
      [0.00997, '1.0 %'],
      [0.034, '3.4 %'],
      [0.0999, '10 %'],
      [1, '100 %'],
    ],
  )
})

test('a score is perfect only when it is', () => {
  assert.equal(join(score(0.99999)), '99.9 %')
  assert.equal(join(score(1)), '100 %')
})

test('bytes and ages', () => {
  table(
    count => join(bytes(count)),
    [
      [0, '0 B'],
      [999, '999 B'],
      [999.6, '1.00 kB'],
      [18_400, '18.4 kB'],
      [5_170_000, '5.17 MB'],
    ],
  )
  table(age, [
    [-5, '0 s'],
    [8400, '8 s'],
    [180_000, '3 min'],
    [5 * 3_600_000, '5 h'],
    [12 * 86_400_000, '12 d'],
  ])
})

test('a timestamp keeps its microseconds', () => {
  assert.equal(timestamp(1_767_225_600_000_001), '2026-01-01 00:00:00.000001Z')
})
