import { uint16le } from '#lib/bytes.ts'
import { integerSize } from './packet.ts'

/*
 * A query may have attributes before its text ("COM_QUERY", CLIENT_QUERY_ATTRIBUTES):
 *
 *     03  count  01  [null bitmap  01  (type flags name)*  value*]  text
 *
 * No text has a second byte of 1, and none begins with 0, so attributes show even where the login was not seen.
 */

const attributesMax = 64

/** Types of values that have a fixed size, and that size. Others have a length before them, but for dates. */
const fixed: Readonly<Record<number, number>> = {
  1: 1,
  2: 2,
  3: 4,
  4: 4,
  5: 8,
  6: 0,
  8: 8,
  9: 4,
  13: 2,
}
/** Dates and times have one byte of length. */
const dated: ReadonlySet<number> = new Set([7, 10, 11, 12])

/** Where the text of a query begins, whose content is `bytes[start, end)`; behind what cannot be read: `end`. */
export function statementStart(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2 || bytes[start + 1] !== 1) return start
  const count = bytes[start]
  return count === 0 ? start + 2 : Math.min(end, pastAttributes(bytes, start + 2, end, count))
}

function pastAttributes(bytes: Uint8Array, start: number, end: number, count: number): number {
  if (count > attributesMax) return end
  const nulls = start
  let at = start + ((count + 7) >> 3)
  if (bytes[at] !== 1) return end
  at++
  const types: number[] = []
  for (let i = 0; i < count && at < end; i++) {
    types.push(bytes[at])
    at = pastString(bytes, at + 2)
  }
  for (const [i, type] of types.entries()) {
    if (at >= end) return end
    const isNull = ((bytes[nulls + (i >> 3)] >> (i & 7)) & 1) !== 0
    if (!isNull) at = pastValue(bytes, at, type)
  }
  return at
}

function pastValue(bytes: Uint8Array, at: number, type: number): number {
  const size = fixed[type]
  if (size !== undefined) return at + size
  return dated.has(type) ? at + 1 + bytes[at] : pastString(bytes, at)
}

/** A length-encoded string; one that is none, or longer than is read, leads past every end. */
function pastString(bytes: Uint8Array, at: number): number {
  const size = integerSize(bytes[at])
  if (size === 1) return at + 1 + bytes[at]
  return size === 3 ? at + 3 + uint16le(bytes, at + 1) : Number.POSITIVE_INFINITY
}
