import { uint16 } from '#lib/bytes.ts'
import { needMore, notMine } from '../stream.ts'

/** Opcodes (RFC 6455, 5.2). Those from `close` on are of control frames. */
export const continuation = 0x0
export const text = 0x1
export const binary = 0x2
export const close = 0x8
export const ping = 0x9
export const pong = 0xa

/** Longest payload of a control frame (RFC 6455, 5.5). */
export const controlMax = 125
/** Longest header: two bytes, a length of eight, a masking key of four. */
export const headerMax = 14

/** For each first byte of a frame its opcode; 255: no frame begins so. */
const opcodes = new Uint8Array(256).fill(255)
const fin = 0x80
/** RSV1: the message is compressed (RFC 7692, 6). Nobody has given the other reserved bits a meaning. */
const compressed = 0x40
for (const opcode of [continuation, text, binary]) opcodes[opcode] = opcodes[fin | opcode] = opcode
for (const opcode of [text, binary]) {
  opcodes[compressed | opcode] = opcodes[fin | compressed | opcode] = opcode
}
for (const opcode of [close, ping, pong]) opcodes[fin | opcode] = opcode

/** What stands before the payload of a frame (RFC 6455, 5.2). */
export class Header {
  opcode = 0
  /** It is the last of its message. */
  isLast = false
  isCompressed = false
  isMasked = false
  /** Bytes of the payload. */
  length = 0

  get isControl(): boolean {
    return this.opcode >= close
  }

  /** Answers how many bytes the header takes; `needMore`, or `notMine`. The masking key is the last four of them. */
  parse(bytes: Uint8Array, start: number, end: number): number {
    const opcode = opcodes[bytes[start]]
    if (opcode === 255) return notMine
    if (end - start < 2) return needMore
    this.opcode = opcode
    this.isLast = bytes[start] >= fin
    this.isCompressed = (bytes[start] & compressed) !== 0
    this.isMasked = bytes[start + 1] >= 0x80
    const taken = this.#length(bytes, start, end)
    if (taken <= 0) return taken
    if (opcode >= close && this.length > controlMax) return notMine
    const whole = taken + (this.isMasked ? 4 : 0)
    return whole > end - start ? needMore : whole
  }

  /** Lengths are written as short as can be (RFC 6455, 5.2). */
  #length(bytes: Uint8Array, start: number, end: number): number {
    const short = bytes[start + 1] & 0x7f
    if (short < 126) {
      this.length = short
      return 2
    }
    const taken = short === 126 ? 4 : 10
    if (end - start < taken) return needMore
    if (taken === 4) this.length = uint16(bytes, start + 2)
    else this.length = uint48(bytes, start + 4)
    if (taken === 4) return this.length > controlMax ? taken : notMine
    const isSane = uint16(bytes, start + 2) === 0 && this.length > 0xffff
    return isSane ? taken : notMine
  }
}

/** Nobody sends a frame that is longer. */
function uint48(bytes: Uint8Array, at: number): number {
  return (uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2)) * 0x10000 + uint16(bytes, at + 4)
}

/** A byte of the payload that begins at `payload`, its mask taken off (RFC 6455, 5.3). */
export function payloadByte(
  { isMasked }: Header,
  bytes: Uint8Array,
  payload: number,
  index: number,
): number {
  const key = isMasked ? bytes[payload - 4 + (index & 3)] : 0
  return bytes[payload + index] ^ key
}
