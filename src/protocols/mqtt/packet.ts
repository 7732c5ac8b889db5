import { needMore, notMine } from '../stream.ts'

/** Control packets (MQTT 5.0, 2.1.2). */
export const connect = 1
export const connack = 2
export const publish = 3
export const puback = 4
export const pubrec = 5
export const pubrel = 6
export const pubcomp = 7
export const subscribe = 8
export const suback = 9
export const unsubscribe = 10
export const unsuback = 11
export const pingreq = 12
export const pingresp = 13
export const disconnect = 14
export const auth = 15

/** Bytes of a packet that are read; what does not tell within them what it is, is passed over untold. Less than a carry. */
export const headMax = 60 * 1024
/** Packets without lists and payloads hold reasons and properties at most; a longer one is none. */
const plainMax = 64 * 1024
/** Bytes of the length of a packet. */
const lengthBytesMax = 4

/** Fewest and most bytes that may follow the fixed header, by type. */
const lengths: readonly (readonly [least: number, most: number])[] = [
  [1, 0],
  [12, Number.POSITIVE_INFINITY],
  [2, plainMax],
  [2, Number.POSITIVE_INFINITY],
  [2, plainMax],
  [2, plainMax],
  [2, plainMax],
  [2, plainMax],
  [5, Number.POSITIVE_INFINITY],
  [3, plainMax],
  [4, Number.POSITIVE_INFINITY],
  [2, plainMax],
  [0, 0],
  [0, 0],
  [0, plainMax],
  [0, plainMax],
]

/**
 * The fixed header of a packet (MQTT 3.1.1, 2.2; 5.0, 2.1): type and flags in a byte, then the length of what follows in
 * up to four bytes of seven bits each, the lowest first. One is enough for a reader; it is filled anew for each packet.
 */
export class Header {
  type = 0
  flags = 0
  /** Bytes that follow the header. */
  length = 0
  /** Index behind the header. */
  bodyStart = 0

  /** Index behind the whole packet. */
  get end(): number {
    return this.bodyStart + this.length
  }

  /** Reads it; answers whether it is there: `needMore`, `notMine` or its length. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.type = bytes[start] >> 4
    this.flags = bytes[start] & 15
    if (!areFlags(this.type, this.flags)) return notMine
    let length = 0
    for (let i = 0; i < lengthBytesMax; i++) {
      const at = start + 1 + i
      if (at >= end) return needMore
      length += (bytes[at] & 127) * 2 ** (7 * i)
      if (bytes[at] >= 128) continue
      // a last byte of 0 is one too many
      if (i > 0 && bytes[at] === 0) return notMine
      this.length = length
      this.bodyStart = at + 1
      const [least, most] = lengths[this.type]
      return length >= least && length <= most ? this.bodyStart - start : notMine
    }
    return notMine
  }
}

/** Flags of PUBLISH are its own; three types carry QoS 1, and in MQTT 3.1 may say that they are repeated; others none. */
function areFlags(type: number, flags: number): boolean {
  if (type === publish) return true
  if (type === pubrel || type === subscribe || type === unsubscribe) return (flags & 7) === 2
  return type !== 0 && flags === 0
}
