import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz/fuzz.ts'

const inputs = 20_000

test('a short run of `npm run fuzz` finds nothing', { timeout: 300_000 }, async () => {
  const found: string[] = []
  await fuzz({
    seed: 1,
    first: 0,
    end: inputs,
    threads: 1,
    finding: (input, text) => found.push(`npm run fuzz -- --seed 1 --only ${input}: ${text}`),
  })
  assert.deepEqual(found.slice(0, 5), [])
})
