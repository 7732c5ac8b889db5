import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  boundsUs,
  bucketCount,
  bucketOf,
  countOf,
  emptyHistogram,
  type Histogram,
  mergeHistograms,
  middleUs,
  quantileUs,
  sparse,
} from './histogram.ts'

const seed = Number(process.env.SEED ?? 20261121)

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function histogramOf(durations: readonly number[]): Histogram {
  const counts = new Uint32Array(bucketCount)
  for (const us of durations) counts[bucketOf(us)]++
  return sparse(counts)
}

test('buckets rise with the duration and their middle is within 3.2 %', () => {
  let last = 0
  for (let us = 0; us < 3_000_000_000; us = Math.max(us + 1, Math.floor(us * 1.003))) {
    const bucket = bucketOf(us)
    assert.ok(bucket >= last && bucket < bucketCount, `${us} us fell in ${bucket}`)
    last = bucket
    if (us >= 16 && us <= 0x7fffffff) {
      assert.ok(Math.abs(middleUs(bucket) - us) / us <= 0.032, `${us} us is ${middleUs(bucket)}`)
    }
  }
})

test('what is no duration counts as none', () => {
  for (const us of [Number.NaN, -1, Number.NEGATIVE_INFINITY]) assert.equal(bucketOf(us), 0)
  assert.equal(bucketOf(Number.POSITIVE_INFINITY), bucketCount - 1)
})

test(`merging is associative, commutative and empty is neutral (seed ${seed})`, () => {
  const random = randomOf(seed)
  const draw = () =>
    histogramOf(Array.from({ length: random() * 40 }, () => Math.floor(10 ** (random() * 8))))
  for (let i = 0; i < 200; i++) {
    const [a, b, c] = [draw(), draw(), draw()]
    assert.deepEqual(mergeHistograms(a, b), mergeHistograms(b, a))
    assert.deepEqual(
      mergeHistograms(mergeHistograms(a, b), c),
      mergeHistograms(a, mergeHistograms(b, c)),
    )
    assert.deepEqual(mergeHistograms(a, emptyHistogram), a)
    assert.equal(countOf(mergeHistograms(a, b)), countOf(a) + countOf(b))
  }
})

test('quantiles are within a bucket of the truth', () => {
  const durations = Array.from({ length: 1000 }, (_, i) => (i + 1) * 100)
  const histogram = histogramOf(durations)
  for (const q of [0.5, 0.9, 0.99, 1]) {
    const truth = durations[Math.ceil(q * 1000) - 1]
    assert.ok(Math.abs(quantileUs(histogram, q)! - truth) / truth <= 0.032)
  }
  assert.equal(quantileUs(emptyHistogram, 0.5), undefined)
})

test('a bucket begins with the least duration that falls in it', () => {
  assert.equal(boundsUs.length, bucketCount)
  for (const [bucket, us] of boundsUs.entries()) {
    if (us > 0x7fffffff) continue
    assert.equal(bucketOf(us), bucket)
    if (us > 0) assert.equal(bucketOf(us - 1), bucket - 1)
  }
})
