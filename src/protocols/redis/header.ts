export const cr = 0x0d
export const lf = 0x0a

/** Longest line of a number; 20 digits are enough for 64 bits. */
const numberMax = 24

/** `number` when the line is not all there, or is no number, or stands for `?`: of a length that shows later. */
export const unfinished = -2
export const unreadable = -3
export const streamed = -4

/**
 * The line `$12\r\n`, `*-1\r\n`, `*?\r\n` at `start` of `bytes`: a type, a whole number, a line end.
 * One is enough for a reader; it is filled anew for each line.
 */
export class Header {
  /** The number: -1 for null; or `unfinished`, `unreadable`, `streamed`. */
  number = 0
  /** Index behind the line. */
  end = 0

  read(bytes: Uint8Array, start: number, end: number): number {
    this.number = this.#read(bytes, start + 1, Math.min(end, start + numberMax))
    if (this.number === unfinished && end >= start + numberMax) this.number = unreadable
    return this.number
  }

  #read(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    let number = 0
    if (at < end && (bytes[at] === 0x2d || bytes[at] === 0x3f)) return this.#special(bytes, at, end)
    for (; at < end; at++) {
      const digit = bytes[at] - 0x30
      if (digit < 0 || digit > 9) break
      number = number * 10 + digit
    }
    if (at + 1 >= end) return at < end && bytes[at] !== cr ? unreadable : unfinished
    if (at === start || bytes[at] !== cr || bytes[at + 1] !== lf) return unreadable
    this.end = at + 2
    return number
  }

  /** `-1` and `?`. */
  #special(bytes: Uint8Array, start: number, end: number): number {
    const isNull = bytes[start] === 0x2d
    const last = isNull ? start + 2 : start + 1
    if (last + 1 >= end) return unfinished
    if (isNull && bytes[start + 1] !== 0x31) return unreadable
    if (bytes[last] !== cr || bytes[last + 1] !== lf) return unreadable
    this.end = last + 2
    return isNull ? -1 : streamed
  }
}

/** Index behind the next `\r\n` or `\n`, or -1. */
export function behindLine(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === lf) return i + 1
  return -1
}

/** Index of the line end before `behind`. */
export function lineEnd(bytes: Uint8Array, start: number, behind: number): number {
  const last = behind - 1
  return last > start && bytes[last - 1] === cr ? last - 1 : last
}
