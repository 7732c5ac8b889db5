/** A stretch of time: `toMs` is Infinity while it lasts. */
export interface Range {
  readonly fromMs: number
  readonly toMs: number
}

/** What was held stays with its last holder this long: packets and events arrive late. */
const graceMs = 30_000
/** Times are starts of seconds: who came within one held it in that second. */
const secondMs = 1000

/**
 * Of the holders of one thing, in order of their coming, those in the second that began at `atMs`, newest first: those at
 * its start, else who came during it; failing them, the last who let go within the grace, else the next within it.
 */
export function holdersAt<T extends Range>(ranges: readonly T[], atMs: number): T[] {
  const holders = ranges.filter(range => range.fromMs <= atMs && atMs < range.toMs).reverse()
  if (holders.length > 0) return holders
  const next = ranges.find(range => range.fromMs > atMs && range.fromMs < atMs + secondMs)
  if (next) return [next]
  const late = ranges.filter(range => atMs >= range.toMs && atMs < range.toMs + graceMs)
  if (late.length > 0) return late.slice(-1)
  const early = ranges.find(range => range.fromMs > atMs && range.fromMs - graceMs < atMs)
  return early ? [early] : []
}
