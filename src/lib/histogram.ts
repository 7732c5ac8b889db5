/**
 * Log-linear histogram of durations in microseconds: 16 buckets an octave, so a bucket's middle is within 3.2 %
 * of what fell in. Sparse form `[bucket, count, bucket, count, ...]` travels; dense form counts.
 *
 *     us        0..15   16..31 (1 wide)  32..63 (2 wide)  64..127 (4 wide) ...
 *     bucket    0..15   16..31           32..47           48..63
 */
const subBuckets = 16
const usMax = 0x7fffffff

/** Buckets that exist: 0 to 2^31 us (36 minutes); longer ones count in the last. */
export const bucketCount = 16 * 28

/** The bucket of a duration. */
export function bucketOf(us: number): number {
  if (!(us > 0)) return 0
  const whole = us >= usMax ? usMax : us | 0
  if (whole < subBuckets) return whole
  const shift = 27 - Math.clz32(whole)
  return (shift << 4) + (whole >> shift)
}

/** Middle of a bucket, in microseconds. */
export function middleUs(bucket: number): number {
  if (bucket < subBuckets * 2) return bucket
  const shift = (bucket >> 4) - 1
  const low = (subBuckets + (bucket & 15)) * 2 ** shift
  return low + 2 ** shift / 2
}

/** Where each bucket begins, in microseconds: it ends where the next begins. */
export const boundsUs: readonly number[] = Array.from({ length: bucketCount }, (_, bucket) => {
  if (bucket < subBuckets) return bucket
  const shift = (bucket >> 4) - 1
  return (subBuckets + (bucket & 15)) * 2 ** shift
})

/** Sparse counts, ordered by bucket: `[bucket, count, ...]`. */
export type Histogram = readonly number[]

export const emptyHistogram: Histogram = []

/** The sum of both; associative and commutative. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const sum: number[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a[i] < b[j])) {
      sum.push(a[i], a[i + 1])
      i += 2
    } else if (i >= a.length || b[j] < a[i]) {
      sum.push(b[j], b[j + 1])
      j += 2
    } else {
      sum.push(a[i], a[i + 1] + b[j + 1])
      i += 2
      j += 2
    }
  }
  return sum
}

/** Adds `more` to `sum` in place. */
export function addHistogram(sum: number[], more: Histogram): void {
  let at = 0
  for (let i = 0; i + 1 < more.length; i += 2) at = addBucket(sum, more[i], more[i + 1], at)
}

/** Adds to one bucket in place; answers where it stands, from where the search for the next one may begin. */
export function addBucket(sum: number[], bucket: number, count: number, from = 0): number {
  let at = sum[from] <= bucket ? from : 0
  while (at < sum.length && sum[at] < bucket) at += 2
  if (at === sum.length) sum.push(bucket, count)
  else if (sum[at] === bucket) sum[at + 1] += count
  else sum.splice(at, 0, bucket, count)
  return at
}

/** Dense counts to the form that travels. */
export function sparse(counts: ArrayLike<number>): Histogram {
  const histogram: number[] = []
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (counts[bucket] > 0) histogram.push(bucket, counts[bucket])
  }
  return histogram
}

/** How many durations it holds. */
export function countOf(histogram: Histogram): number {
  let count = 0
  for (let i = 1; i < histogram.length; i += 2) count += histogram[i]
  return count
}

/** The duration below which the share `q` (0 to 1) fell, in microseconds; undefined when empty. */
export function quantileUs(histogram: Histogram, q: number): number | undefined {
  const count = countOf(histogram)
  if (count === 0) return undefined
  let left = Math.ceil(q * count)
  for (let i = 0; i < histogram.length; i += 2) {
    left -= histogram[i + 1]
    if (left <= 0) return middleUs(histogram[i])
  }
  return middleUs(histogram[histogram.length - 2])
}
