import { clientSide, type Side } from '#model/side.ts'
import { continuation, Header } from './frame.ts'

/** So many frames, one behind the other, are no chance. */
const chainMin = 4

/**
 * Index at which frames surely begin after a loss, or -1. Two bytes prove little: where a piece begins one frame is
 * enough that ends with it, within a piece two, and `chainMin` wherever they end.
 */
export function findFrame(bytes: Uint8Array, start: number, end: number, side: Side): number {
  const header = new Header()
  for (let i = start; i < end; i++) {
    if (isChain(header, bytes, i, end, side === clientSide, i === start ? 1 : 2)) return i
  }
  return -1
}

function isChain(
  header: Header,
  bytes: Uint8Array,
  start: number,
  end: number,
  isMasked: boolean,
  endingMin: number,
): boolean {
  let at = start
  for (let frames = 1; at < end; frames++) {
    const taken = header.parse(bytes, at, end)
    if (taken <= 0 || header.isMasked !== isMasked || isIdle(header)) return false
    at += taken + header.length
    if (frames >= chainMin || (at === end && frames >= endingMin)) return true
  }
  return false
}

/** Says nothing, not even that the message is over: zeros look like it. */
function isIdle({ opcode, isLast, length }: Header): boolean {
  return opcode === continuation && !isLast && length === 0
}
