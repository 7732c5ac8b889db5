/** A small generator of numbers for tests. */
export interface Random {
  /** To be printed when a test fails; set `SEED` to run it again. */
  readonly seed: number
  /** An integer from 0 to below `limit`. */
  next(limit: number): number
}

/** Random numbers that a seed repeats (mulberry32). */
export function random(seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))): Random {
  let state = seed | 0
  const next = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  return { seed, next }
}
