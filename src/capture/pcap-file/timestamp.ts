/** The two halves of a pcapng time stamp to microseconds since the epoch. */
export type TimestampClock = (high: number, low: number) => number

const two32 = 4294967296

/** The clock of an interface that says nothing about it. */
export const microsecondClock: TimestampClock = (high, low) => high * two32 + low

/**
 * The clock of an interface with the given `if_tsresol` (a negative power of 10, or of 2 when the top bit is set)
 * and `if_tsoffset` (seconds to add). Exact to the microsecond up to picoseconds.
 */
export function timestampClock(resolution: number, offsetSeconds: number): TimestampClock {
  const power = resolution & 0x7f
  const offsetUs = offsetSeconds * 1e6
  if (resolution & 0x80) return binaryClock(1e6 / 2 ** power, offsetUs)
  if (power > 12) return binaryClock(10 ** (6 - power), offsetUs)
  if (power > 6) return fineClock(10 ** (power - 6), offsetUs)
  const unitUs = 10 ** (6 - power)
  return (high, low) => (high * two32 + low) * unitUs + offsetUs
}

function binaryClock(unitUs: number, offsetUs: number): TimestampClock {
  return (high, low) => Math.floor(high * (two32 * unitUs) + low * unitUs) + offsetUs
}

/**
 * A count of nanoseconds since 1970 no longer fits a double, so the division comes before the sum:
 * 2^32 = quotient * unitsPerUs + rest.
 */
function fineClock(unitsPerUs: number, offsetUs: number): TimestampClock {
  const quotient = Math.floor(two32 / unitsPerUs)
  const rest = two32 % unitsPerUs
  return (high, low) => high * quotient + Math.floor((high * rest + low) / unitsPerUs) + offsetUs
}
