import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsUs, bucketOf } from '#lib/histogram.ts'
import { random } from '#lib/random.ts'
import { type Steps, stepsOf } from '../state/series.ts'
import { heatLevels, heatOf } from './heat.ts'
import { ceilingOf, linearRange, logRange, logSplits, seen } from './scale.ts'
import { errorsSpec, heatSpec, latencySpec, requestsSpec } from './specs.ts'

/** Steps of five seconds up to `untilMs`; each has these durations (us). */
function stepsWith(durations: readonly (readonly number[])[], untilMs = 3_600_000): Steps {
  const none = durations.map(() => 0)
  const fromMs = untilMs - 5000 * durations.length
  const latency = durations.map(all => {
    const counts = Map.groupBy(all, bucketOf)
    return [...counts].map(([bucket, { length }]) => [bucket, length] as const)
  })
  const first = durations.map(([us = null]) => us)
  return stepsOf(
    {
      ...{ fromMs, stepMs: 5000, keptFromMs: 0, toldUntilMs: untilMs, boundsUs, latency },
      ...{ ok: durations.map(({ length }) => length), warning: none, error: none, bytes: none },
      ...{ p50Us: first, p90Us: first, p99Us: first },
    },
    15,
  )
}

const limits = { columnsMax: 92, rowsMax: 34 }

test('a heat map counts every request once, in the cell of its time and its latency', () => {
  const { next, ...rolled } = random()
  const seed = `seed ${rolled.seed}`
  for (let round = 0; round < 50; round++) {
    const durations = Array.from({ length: 180 }, () =>
      Array.from({ length: next(20) }, () => 1 + next(10 ** (1 + next(7)))),
    )
    const steps = stepsWith(durations, 5000 * (1000 + next(100)))
    const heat = heatOf(steps, boundsUs, limits)
    const { cells, edgesMs, edgesUs, most } = heat
    const total = cells.reduce((sum, { count }) => sum + count, 0)
    assert.equal(total, durations.flat().length, seed)
    assert.ok(edgesUs.length <= limits.rowsMax + 2 && edgesMs.length <= limits.columnsMax + 2, seed)
    assert.ok(cells.every(({ level, count }) => level >= 1 && level <= heatLevels && count <= most))
    for (const { column, row } of cells) {
      const isIn = durations.some((all, k) => {
        const ms = steps.timesMs[k]
        const inColumn = edgesMs[column] <= ms && ms < edgesMs[column + 1]
        const inRow = (us: number) => {
          const bound = boundsUs[bucketOf(us)]
          return Math.max(1, bound) >= edgesUs[row] && (bound < edgesUs[row + 1] || bound === 0)
        }
        return inColumn && all.some(inRow)
      })
      assert.ok(isIn, seed)
    }
  }
})

test('a column stays what it was while time goes on', () => {
  const durations = Array.from({ length: 180 }, (_, k) => [100 * (k + 1)])
  const before = heatOf(stepsWith(durations, 3_600_000), boundsUs, limits)
  const after = heatOf(stepsWith([...durations.slice(1), [5]], 3_605_000), boundsUs, limits)
  const inner = (edges: readonly number[]) => edges.slice(2, -2)
  for (const ms of inner(before.edgesMs)) assert.ok(after.edgesMs.includes(ms))
})

test('an axis has round ends and shows all there is', () => {
  assert.deepEqual([0, 0.7, 1, 1.01, 26, 999, 2400].map(ceilingOf), [1, 1, 1, 2, 50, 1000, 2500])
  assert.deepEqual(linearRange([[null, 31], [90]], 1), [0, 100])
  assert.deepEqual(linearRange([[null]], 0.02), [0, 0.02])
  const { next, ...rolled } = random()
  const seed = `seed ${rolled.seed}`
  for (let round = 0; round < 500; round++) {
    const values = Array.from({ length: 1 + next(5) }, () => next(10 ** next(9)))
    const range = logRange([values])
    if (!range) continue
    assert.ok(range[0] <= Math.max(1, Math.min(...values)) && range[1] >= Math.max(...values), seed)
    assert.ok(logSplits(range).length >= 1 && logSplits(range).length <= 9, seed)
  }
})

test('what is not zero can be seen, and is not more than it is where it is much', () => {
  assert.equal(seen(0, [0, 100]), 0)
  assert.equal(seen(0.01, [0, 100]), 2)
  assert.equal(seen(40, [0, 100]), 40)
})

test('of nothing there is no plot of latency, and plots of rates are empty', () => {
  const steps = stepsWith([[], [], []])
  assert.equal(latencySpec(steps), undefined)
  assert.equal(heatSpec(steps, boundsUs), undefined)
  assert.deepEqual(requestsSpec(steps).lines[0].column, [0, 0, 0])
  assert.deepEqual(errorsSpec(steps).lines[0].column, [null, null, null])
})
