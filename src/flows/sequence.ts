/** How far `to` is after `from` in sequence numbers modulo 2^32 (RFC 9293 section 3.4); negative when before it. */
export const distance = (from: number, to: number): number => (to - from) | 0

/** The largest window there can be (RFC 7323 section 2.3): what is farther away is not of this connection, or not now. */
export const windowBytesMax = 2 ** 30
