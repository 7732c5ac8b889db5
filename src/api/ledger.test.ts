import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '#lib/random.ts'
import { LateLane } from './late-lane.ts'
import { Ledger } from './ledger.ts'

test('a number is new once, in whatever order they come', () => {
  const chance = random()
  for (let round = 0; round < 50; round++) {
    const ledger = new Ledger()
    const taken = new Set<number>()
    for (let i = 0; i < 300; i++) {
      const sequence = 1 + chance.next(60)
      const hint = `seed ${chance.seed}, round ${round}`
      assert.equal(ledger.has('n', 'r', sequence), taken.has(sequence), hint)
      assert.equal(ledger.take('n', 'r', sequence), !taken.has(sequence), hint)
      taken.add(sequence)
      const told = ledger
        .rangesOf('n', 'r')
        .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at))
      assert.deepEqual(
        told,
        [...taken].sort((a, b) => a - b),
        hint,
      )
    }
  }
})

test('numbers in a row are one range', () => {
  const ledger = new Ledger()
  for (const sequence of [1, 2, 3, 7, 8, 5]) ledger.take('n', 'r', sequence)
  assert.deepEqual(ledger.rangesOf('n', 'r'), [
    [1, 3],
    [5, 5],
    [7, 8],
  ])
  for (const sequence of [4, 6]) ledger.take('n', 'r', sequence)
  assert.deepEqual(ledger.rangesOf('n', 'r'), [[1, 8]])
  assert.deepEqual(ledger.rangesOf('n', 'other'), [])
})

test('gaps and runs are bounded: what was heard of longest ago goes', () => {
  const ledger = new Ledger()
  for (let sequence = 1; sequence < 1000; sequence += 2) ledger.take('n', 'r', sequence)
  assert.equal(ledger.rangesOf('n', 'r').length, 64)
  assert.deepEqual(ledger.rangesOf('n', 'r').at(-1), [999, 999])
  for (let run = 0; run < 20_000; run++) ledger.take('n', `r${run}`, 1)
  assert.deepEqual(ledger.rangesOf('n', 'r'), [])
  assert.deepEqual(ledger.rangesOf('n', 'r19999'), [[1, 1]])
})

test('late work is done in order, and leaves three quarters of the time to what is live', async () => {
  const lane = new LateLane()
  const done: number[] = []
  const spend = (ms: number) => {
    for (const endMs = performance.now() + ms; performance.now() < endMs; );
  }
  for (let i = 0; i < 100; i++) {
    lane.add(() => {
      spend(1)
      done.push(i)
    })
  }
  await new Promise(resolve => setTimeout(resolve, 150))
  const soon = done.length
  assert.ok(soon > 5 && soon < 75, `${soon} done`)
  while (lane.length > 0) await new Promise(resolve => setTimeout(resolve, 20))
  assert.deepEqual(
    done,
    Array.from({ length: 100 }, (_, i) => i),
  )
  lane.close()
})
