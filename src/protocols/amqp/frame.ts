import { uint16, uint32 } from '#lib/bytes.ts'
import { methodOf } from './methods.ts'

/** Type, channel and length of the payload. */
export const headBytes = 7
/** The byte behind every payload. */
export const frameEnd = 0xce

/** Types of frames (AMQP 0-9-1, 4.2.3). */
export const types = { method: 1, header: 2, body: 3, heartbeat: 8 } as const

/** Longest methods and content headers, and parts of a body, that are believed: no server takes as much. */
const payloadMax = 1024 * 1024
const bodyMax = 512 * 1024 * 1024
/** Class and method; class, weight, length of the body and flags. */
const methodMin = 4
const headerMin = 14

/** Bytes of the payload of the frame whose head is at `at`; -1: it is none. */
export function payloadBytes(bytes: Uint8Array, at: number): number {
  const length = uint32(bytes, at + 3)
  const channel = uint16(bytes, at + 1)
  switch (bytes[at]) {
    case types.method:
      return length >= methodMin && length <= payloadMax ? length : -1
    case types.header:
      return length >= headerMin && length <= payloadMax && channel > 0 ? length : -1
    case types.body:
      return length <= bodyMax && channel > 0 ? length : -1
    case types.heartbeat:
      return length === 0 && channel === 0 ? 0 : -1
    default:
      return -1
  }
}

/** What is at `at`: a frame that is all there, the beginning of one, or none. `bytes` is the whole frame's length. */
export interface Shape {
  readonly kind: 'whole' | 'begun' | 'none'
  readonly bytes: number
}

const none: Shape = { kind: 'none', bytes: 0 }

/** The frame at `at`, as far as `bytes[at, end)` show it. */
export function shapeAt(bytes: Uint8Array, at: number, end: number): Shape {
  if (end - at < headBytes) return mayBegin(bytes, at, end) ? { kind: 'begun', bytes: 0 } : none
  const length = payloadBytes(bytes, at)
  if (length < 0) return none
  const isMethod = bytes[at] === types.method
  if (isMethod && end - at >= headBytes + 4 && !methodOf(uint32(bytes, at + headBytes))) return none
  const whole = headBytes + length + 1
  if (end - at < whole) return { kind: 'begun', bytes: whole }
  return bytes[at + whole - 1] === frameEnd ? { kind: 'whole', bytes: whole } : none
}

function mayBegin(bytes: Uint8Array, at: number, end: number): boolean {
  const type = bytes[at]
  if (end - at > 3 && bytes[at + 3] > 0x20) return false
  return type === types.heartbeat || (type >= types.method && type <= types.body)
}
