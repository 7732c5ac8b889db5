import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Batch, HeldLines } from './held-lines.ts'
import { Merge } from './merge.ts'

/** Lines that are their times. */
function held(times: readonly number[], bytesMax = 1e9): Batch[] {
  const batches: Batch[] = []
  const lines = new HeldLines(batch => batches.push(batch), bytesMax)
  for (const time of times) {
    lines.begin(time, 32).number(time)
    lines.end()
  }
  lines.flush()
  return batches
}

function merge(shares: number) {
  const printed: string[] = []
  const taken: number[] = []
  const merge = new Merge(
    shares,
    bytes => printed.push(Buffer.from(bytes).toString()),
    share => taken.push(share),
  )
  return { merge, taken, lines: () => printed.join('').trimEnd().split('\n').map(Number) }
}

test('lines of one come in order of their time, equal ones as they were written', () => {
  const { merge: one, lines } = merge(1)
  for (const batch of held([5, 1, 4, 1, 9])) one.add(0, batch)
  one.end(0)
  assert.deepEqual(lines(), [1, 1, 4, 5, 9])
  assert.equal(one.late, 0)
})

test('lines of several are one sequence; none is printed before another may still be earlier', () => {
  const { merge: both, lines, taken } = merge(2)
  both.add(0, held([1, 2, 6])[0])
  assert.deepEqual(taken, [])
  both.add(1, held([3, 4])[0])
  assert.deepEqual(lines(), [1, 2, 3, 4])
  both.end(1)
  assert.deepEqual(lines(), [1, 2, 3, 4, 6])
  assert.deepEqual(taken, [1, 0])
  both.end(0)
})

test('a share that gave its lines up early has late ones, which are counted', () => {
  const { merge: one, lines } = merge(1)
  one.add(0, held([1, 8])[0])
  one.add(0, held([3, 9])[0])
  assert.deepEqual(lines(), [1, 8, 3, 9])
  assert.equal(one.late, 1)
})

test('more than may be held is given, in order as far as it goes', () => {
  const times = Array.from({ length: 400_000 }, (_, i) => (i * 7919) % 400_009)
  const batches = held(times, 2 * 1024 * 1024)
  assert.ok(batches.length > 1)
  const { merge: one, lines } = merge(1)
  for (const batch of batches) one.add(0, batch)
  one.end(0)
  assert.deepEqual(
    lines().toSorted((a, b) => a - b),
    times.toSorted((a, b) => a - b),
  )
})
