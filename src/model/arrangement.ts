/** Where something stands on the map, in the map's own units; `hand`: somebody put it there. */
export interface Spot {
  readonly x: number
  readonly y: number
  readonly hand?: true | undefined
}

/** Where everything stands in one place of the map, by the ids of what stands there. */
export type Arrangement = Readonly<Record<string, Spot>>

/** A place of the map (the path of a group; empty: everything) as somebody arranged it. */
export interface Arranged {
  readonly at: string
  readonly nodes: Arrangement
}

/** What one arrangement holds at most. */
export const spotsMax = 2000
/** A map is no wider than this to either side. */
export const farthest = 1_000_000
/** Longest id, and longest path of a place. */
export const arrangedIdMax = 512

/** An arrangement within its bounds: what hands have placed is kept before what merely stands. */
export function bounded(spots: Iterable<readonly [id: string, spot: Spot]>): Arrangement {
  const sane = [...spots].filter(
    ([id, { x, y }]) =>
      id.length > 0 && id.length <= arrangedIdMax && Math.max(Math.abs(x), Math.abs(y)) <= farthest,
  )
  if (sane.length <= spotsMax) return Object.fromEntries(sane)
  const byHand = sane.filter(([, { hand }]) => hand)
  const standing = sane.filter(([, { hand }]) => !hand)
  return Object.fromEntries([...byHand, ...standing].slice(0, spotsMax))
}
