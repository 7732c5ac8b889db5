import type { Side } from '#model/side.ts'
import { headBytes, sizeAt } from './message.ts'

/** Messages in a row that prove their place without the end of the segment. */
const chainMin = 6

/**
 * Messages that follow each other from `start`. `whole`: they end exactly where the bytes do, as segments mostly do.
 * Counting stops at `chainMin`.
 */
export function chain(
  side: Side,
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly count: number; readonly whole: boolean } {
  let at = start
  let count = 0
  while (count < chainMin && end - at >= headBytes) {
    const size = sizeAt(side, bytes, at)
    if (size === 0 || size > end - at) return { count, whole: false }
    at += size
    count++
  }
  return { count, whole: at === end }
}

/** Index at which a message surely begins, or -1: it and those behind it end with the bytes, or are many. */
export function findMessage(side: Side, bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const { count, whole } = chain(side, bytes, at, end)
    if (count > 0 && (whole || count >= chainMin)) return at
  }
  return -1
}
