import { uint16 } from '#lib/bytes.ts'

/**
 * What stands before the text or binary command in a datagram (protocol.txt, "UDP protocol"):
 *
 *     request id, 2 bytes | sequence number, 2 | datagrams of this message, 2 | 0, 2
 */
export const udpHeaderBytes = 8
/** Datagrams of one reply that are believed: 1 MB in pieces of 1400 bytes, with room. */
const datagramsMax = 4096

/** The header of a datagram. */
export interface Frame {
  readonly id: number
  readonly sequence: number
  readonly count: number
  /** The last two bytes are 0, as they must be; not all clients see to it. */
  readonly isProper: boolean
}

/** The header of a datagram; undefined when it cannot be one. */
export function readFrame(bytes: Uint8Array, start: number, end: number): Frame | undefined {
  if (end - start <= udpHeaderBytes) return undefined
  const id = uint16(bytes, start)
  const sequence = uint16(bytes, start + 2)
  const count = uint16(bytes, start + 4)
  if (count === 0 || count > datagramsMax || sequence >= count) return undefined
  return { id, sequence, count, isProper: uint16(bytes, start + 6) === 0 }
}
