import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gap } from './gap.ts'

const at = (seconds: number) => 1_790_000_000_000 + seconds * 1000

test('what nobody watched between two runs is said, for a quarter of an hour', () => {
  const gap = new Gap(at(10))
  assert.equal(gap.notice, undefined)
  // By a clock that is a minute behind, before and after the server was asked for its own.
  gap.hear(at(12 - 60), undefined)
  assert.equal(gap.notice, undefined)
  gap.hear(at(30 - 60), 60_000)
  const text = /^Nobody watched for 2 s until \d\d:\d\d:\d\d UTC: the agent had ended/
  assert.match(gap.notice ?? '', text)
  gap.hear(at(31 - 60), 60_000)
  assert.match(gap.notice ?? '', text)
  gap.hear(at(12 + 15 * 60), 60_000)
  assert.equal(gap.notice, undefined)
})

test('no run before, none lost, or one of yesterday: nothing is said', () => {
  for (const formerUntilMs of [undefined, at(12), at(13), at(-86_400)]) {
    const gap = new Gap(formerUntilMs)
    gap.hear(at(12), 0)
    assert.equal(gap.notice, undefined)
  }
})
