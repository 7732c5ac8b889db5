import { uint32 } from '#lib/bytes.ts'
import type { Evidence } from '../protocol.ts'
import { headBytes, shapeAt, types } from './frame.ts'
import { methodOf } from './methods.ts'
import { versionAt } from './preamble.ts'

/** Frames that are looked at for a method that only one side may say. */
const framesMax = 8

/**
 * The protocol header proves it. In midstream a frame does that has a known method and ends as it says: acks, bodies
 * and heartbeats are passed over, since they do not tell who says them.
 */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const version = versionAt(bytes, start, end)
  if (version) return version === 'maybe' ? 'maybe' : 'request'
  let at = start
  for (let i = 0; i < framesMax && at < end; i++) {
    const { kind, bytes: length } = shapeAt(bytes, at, end)
    if (kind === 'none') return 'no'
    const from = kind === 'whole' && bytes[at] === types.method ? speaker(bytes, at) : 'both'
    if (from !== 'both') return from === 'client' ? 'request' : 'response'
    if (kind === 'begun') return at > start || bytes[at] === types.method ? 'maybe' : 'no'
    at += length
  }
  return 'maybe'
}

const speaker = (bytes: Uint8Array, at: number) =>
  methodOf(uint32(bytes, at + headBytes))?.from ?? 'both'
