import { uint16 } from '#lib/bytes.ts'

/*
 * The ClientHello of SSL 2.0, in which old clients ask a server for SSL 3.0 or later (RFC 5246 appendix E.2):
 *
 *     802e 01 0301 0015 0000 0010 cipher specs, session id, challenge
 */

/** Up to the lengths of the parts. */
export const oldHelloHeadBytes = 11
const challengeMin = 16
const challengeMax = 32

/** Bytes of the hello at `at`, of which the head is there; 0 when it is none. */
export function oldHelloSize(bytes: Uint8Array, at: number): number {
  const length = uint16(bytes, at) & 0x7fff
  const ciphers = uint16(bytes, at + 5)
  const session = uint16(bytes, at + 7)
  const challenge = uint16(bytes, at + 9)
  const isHello = bytes[at] >= 0x80 && bytes[at + 2] === 1
  const isVersion = bytes[at + 3] === 3 && bytes[at + 4] <= 3
  const isShaped = ciphers > 0 && ciphers % 3 === 0 && (session === 0 || session === 16)
  const isLong = challenge >= challengeMin && challenge <= challengeMax
  if (!isHello || !isVersion || !isShaped || !isLong) return 0
  return length === 9 + ciphers + session + challenge ? length + 2 : 0
}
