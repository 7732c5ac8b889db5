import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsUs } from '#lib/histogram.ts'
import type { Series } from '#model/series.ts'
import type { SeriesRange } from './api.ts'
import { followSeries } from './follow-series.ts'
import { againFrom, extentOf, fromOf, joinSeries, stepAt, stepsOf } from './series.ts'

/** A series of so many steps in which step k, counted from the epoch, has k requests, that many bytes and took k us. */
function seriesOf(fromMs: number, count: number, more: Partial<Series> = {}): Series {
  const { stepMs = 5000 } = more
  const numbers = Array.from({ length: count }, (_, k) => fromMs / stepMs + k)
  const none = numbers.map(() => 0)
  return {
    ...{ fromMs, stepMs, keptFromMs: 0, toldUntilMs: fromMs + count * stepMs },
    ...{ ok: numbers, warning: none, error: none, bytes: numbers },
    ...{ p50Us: numbers, p90Us: numbers, p99Us: numbers },
    boundsUs,
    latency: numbers.map(number => [[number % 400, 1]] as const),
    ...more,
  }
}

test('the end that is asked for again takes the place of what was known, and the beginning goes', () => {
  const known = seriesOf(1_000_000, 180)
  const fromMs = 1_010_000
  const againMs = againFrom(known, fromMs, 5000)
  assert.equal(againMs, 1_870_000)
  const newer = { ...seriesOf(againMs, 8), ok: Array.from({ length: 8 }, () => 9) }
  const joined = joinSeries(known, newer, fromMs)
  assert.equal(joined.fromMs, fromMs)
  assert.deepEqual(joined.ok.slice(-9), [373, 9, 9, 9, 9, 9, 9, 9, 9])
  assert.equal(joined.ok[0], 202)
  for (const column of [joined.ok, joined.bytes, joined.p99Us, joined.latency])
    assert.equal(column.length, 180)
})

test('what does not join is not joined: another step, a hole, another beginning', () => {
  const newer = seriesOf(2_000_000, 4)
  const others = [
    seriesOf(1_999_000, 20, { stepMs: 1000 }),
    seriesOf(1_000_000, 4),
    seriesOf(2_000_002.5, 4),
  ]
  for (const known of [undefined, ...others]) assert.equal(joinSeries(known, newer, 0), newer)
  assert.equal(againFrom(others[0], 500, 5000), 500)
})

test('steps are those that all have told of, per second; what nobody kept is not zero', () => {
  const series = seriesOf(1_000_000, 4, { toldUntilMs: 1_017_000, keptFromMs: 1_004_000 })
  const steps = stepsOf(series, 15)
  assert.deepEqual(steps.timesMs, [1_000_000, 1_005_000, 1_010_000])
  assert.deepEqual(steps.requests, [null, 40.2, 40.4])
  assert.equal(steps.untilMs, 1_015_000)
  assert.equal(steps.fromMs, 1_015_000 - 900_000)
  assert.equal(stepAt(steps, 1_009_999), 1)
  assert.equal(stepAt(steps, 999_999), undefined)
  assert.equal(stepAt(steps, 1_015_000), undefined)
  assert.equal(stepAt(stepsOf(seriesOf(0, 0), 5), 0), undefined)
})

test('a column in a few figures; of nothing nothing', () => {
  assert.deepEqual(extentOf([null, 3, 7, 7, 1, null]), { least: 1, most: 7, mostAt: 2, newest: 1 })
  assert.equal(extentOf([null, null]), undefined)
})

test('the whole is asked for once a minute, in between only the end; each answer is the whole', async () => {
  const asked: SeriesRange[] = []
  let nowMs = 10_000_000
  const series = async (_: unknown, range: SeriesRange) => {
    asked.push(range)
    const count = (nowMs - range.fromMs) / range.stepMs
    return { kind: 'ok' as const, value: seriesOf(range.fromMs, count) }
  }
  const ask = followSeries({ series }, { kind: 'link', id: 'a' }, 15, () => nowMs)
  for (let i = 0; i < 14; i++, nowMs += 5000) {
    const answer = await ask(new AbortController().signal)
    assert.equal(answer.kind === 'ok' && answer.value.ok.length, 180)
    assert.equal(answer.kind === 'ok' && answer.value.fromMs, fromOf(15, nowMs))
  }
  const lengths = asked.map(({ fromMs }, i) => (10_000_000 + 5000 * i - fromMs) / 5000)
  assert.deepEqual(lengths, [180, ...Array(11).fill(7), 180, 7])
})

test('after a long absence the whole is asked for', async () => {
  let nowMs = 10_000_000
  const asked: number[] = []
  const series = async (_: unknown, { fromMs, stepMs }: SeriesRange) => {
    asked.push((nowMs - fromMs) / 1000)
    return { kind: 'ok' as const, value: seriesOf(fromMs, (nowMs - fromMs) / stepMs, { stepMs }) }
  }
  const ask = followSeries({ series }, { kind: 'link', id: 'a' }, 5, () => nowMs)
  await ask(new AbortController().signal)
  nowMs += 3_600_000
  await ask(new AbortController().signal)
  assert.deepEqual(asked, [300, 300])
})
