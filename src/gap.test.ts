import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gap } from './gap.ts'

const at = (seconds: number) => 1_790_000_000_000 + seconds * 1000

test('what nobody watched between two runs is said, for a quarter of an hour', () => {
  const gap = new Gap(at(10))
  assert.equal(gap.notice, undefined)
  gap.hear(at(12))
  const text = /^Nobody watched for 2 s until \d\d:\d\d:\d\d UTC: the agent had ended/
  assert.match(gap.notice ?? '', text)
  gap.hear(at(13))
  assert.match(gap.notice ?? '', text)
  gap.hear(at(12 + 16 * 60))
  assert.equal(gap.notice, undefined)
})

test('no run before, none lost, or one of yesterday: nothing is said', () => {
  for (const formerUntilMs of [undefined, at(12), at(13), at(-86_400)]) {
    const gap = new Gap(formerUntilMs)
    gap.hear(at(12))
    assert.equal(gap.notice, undefined)
  }
})
