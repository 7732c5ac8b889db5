/** The two ends of a flow as numbers, because they index arrays on the hot path. */
export type Side = 0 | 1
export const clientSide: Side = 0
export const serverSide: Side = 1

/** The other end. */
export const otherSide = (side: Side): Side => (1 - side) as Side
