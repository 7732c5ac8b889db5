import { int32, uint24 } from '#lib/bytes.ts'

/** What opens a connection, said by the client (RFC 9113, 3.4); frames follow. */
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Frame types (RFC 9113, 6). */
export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  promise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const endStream = 0x01
export const acknowledged = 0x01
export const endHeaders = 0x04
const padded = 0x08
const prioritized = 0x20

export const frameHeaderBytes = 9
/** What a frame may have before more is agreed upon (RFC 9113, 6.5.2). */
const frameBytesDefault = 16384

/** Flags that each type of frame knows. */
const flagsKnown = [0x09, 0x2d, 0, 0, 0x01, 0x0c, 0x01, 0, 0, 0x04]

/** The nine bytes before each frame (RFC 9113, 4.1). */
export class FrameHeader {
  length = 0
  type = 0
  flags = 0
  streamId = 0

  read(bytes: Uint8Array, start: number): void {
    this.length = uint24(bytes, start)
    this.type = bytes[start + 3]
    this.flags = bytes[start + 4]
    this.streamId = streamIdAt(bytes, start + 5)
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }

  /** False for what no endpoint may send: wrong length, wrong stream. Types that are not known are passed over. */
  get isPossible(): boolean {
    const { length, streamId } = this
    switch (this.type) {
      case frameTypes.data:
      case frameTypes.headers:
      case frameTypes.continuation:
        return streamId !== 0
      case frameTypes.promise:
        return streamId !== 0 && length >= 4
      case frameTypes.priority:
        return streamId !== 0 && length === 5
      case frameTypes.reset:
        return streamId !== 0 && length === 4
      case frameTypes.settings:
        return streamId === 0 && length % 6 === 0
      case frameTypes.ping:
        return streamId === 0 && length === 8
      case frameTypes.goAway:
        return streamId === 0 && length >= 8
      case frameTypes.windowUpdate:
        return length === 4
      default:
        return length <= frameBytesDefault
    }
  }

  /** True for what any endpoint may send before anything is agreed upon: that no other bytes look like by chance. */
  get isUsual(): boolean {
    return (
      this.type < flagsKnown.length &&
      (this.flags & ~flagsKnown[this.type]) === 0 &&
      this.length <= frameBytesDefault &&
      this.isPossible
    )
  }
}

/** 32 bits without the first, which is reserved. */
export function streamIdAt(bytes: Uint8Array, at: number): number {
  return int32(bytes, at) & 0x7fffffff
}

/** True when the bytes there are, of nine, may begin a frame that `isUsual`. */
export function mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0) return false
  if (end - start > 1 && bytes[start + 1] > frameBytesDefault >> 8) return false
  return end - start < 4 || bytes[start + 3] < flagsKnown.length
}

/** How much of the preface, from its beginning, is there; -1: it is not the preface. */
export function prefaceBegun(bytes: Uint8Array, start: number, end: number): number {
  const length = Math.min(end - start, preface.length)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== preface[i]) return -1
  return length
}

/** The fragment of a header block within a frame, without padding, priority and the promised stream (RFC 9113, 6.2, 6.6). */
export class Fragment {
  start = 0
  end = 0
  promisedId = 0

  /** False when padding or such is longer than the frame. `start`: of the frame's payload. */
  read({ type, flags, length }: FrameHeader, bytes: Uint8Array, start: number): boolean {
    let at = start
    let end = start + length
    if (type !== frameTypes.continuation && flags & padded) {
      if (length === 0) return false
      end -= bytes[at++]
    }
    if (type === frameTypes.headers && flags & prioritized) at += 5
    if (type === frameTypes.promise) {
      if (at + 4 > end) return false
      this.promisedId = streamIdAt(bytes, at)
      at += 4
    }
    this.start = at
    this.end = end
    return at <= end
  }
}
