import type { Evidence } from '../protocol.ts'
import { needMore, notMine } from '../stream.ts'
import { Header, payloadByte, text } from './frame.ts'

/** A text is looked at from so many characters on, and up to so many. */
const charsMin = 8
const charsMax = 64
/** A first frame that is longer is not waited for. */
const waitMax = 2048

/**
 * What a piece of a connection that was upgraded before we listened looks like. A client's text shows itself: masked
 * bytes that make sense once the mask is off. A server's text, and frames of a client that fill their piece, are weak.
 * Compressed and binary messages of a server show nothing.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const header = new Header()
  const taken = header.parse(bytes, start, end)
  if (taken === notMine) return 'no'
  if (taken === needMore) return 'maybe'
  const payload = start + taken
  const isText = header.opcode === text && header.isLast && !header.isCompressed
  if (!header.isMasked && !isText) return 'no'
  const isReadable = isText && reads(header, bytes, payload, end)
  if (isText && !isReadable && !header.isMasked) return 'no'
  if (payload + header.length > end) return header.length > waitMax ? 'no' : 'maybe'
  if (isReadable && header.length >= charsMin && isHidden(header, bytes, payload)) {
    return header.isMasked ? 'request' : 'weak-response'
  }
  return header.isMasked && fills(bytes, start, end) ? 'weak-request' : 'no'
}

/** A mask of zeros hides nothing, and so proves nothing. */
function isHidden({ isMasked }: Header, bytes: Uint8Array, payload: number): boolean {
  return !isMasked || bytes.subarray(payload - 4, payload).some(byte => byte !== 0)
}

function reads(header: Header, bytes: Uint8Array, payload: number, end: number): boolean {
  const length = Math.min(header.length, charsMax, end - payload)
  for (let i = 0; i < length; i++) {
    const byte = payloadByte(header, bytes, payload, i)
    if ((byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) || byte > 0x7e)
      return false
  }
  return true
}

/** True when masked frames, one behind the other, end exactly where the piece does. */
function fills(bytes: Uint8Array, start: number, end: number): boolean {
  const header = new Header()
  let at = start
  while (at < end) {
    const taken = header.parse(bytes, at, end)
    if (taken <= 0 || !header.isMasked) return false
    at += taken + header.length
  }
  return at === end
}
