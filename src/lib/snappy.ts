/** Bytes that one byte of it can become at most: a copy of 64 takes three. */
const growthMax = 22

/**
 * Snappy, one block without framing (https://github.com/google/snappy/blob/main/format_description.txt): a length, then
 * literals and copies of what came before. Undefined when it is none, or would be longer than `bytesMax`.
 */
export function unsnappy(bytes: Uint8Array, bytesMax: number): Uint8Array | undefined {
  let at = 0
  let length = 0
  for (let shift = 0; ; shift += 7) {
    if (at >= bytes.length || shift > 28) return undefined
    const byte = bytes[at++]
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  // what is too short for its own word needs no room
  if (length > bytesMax || length > (bytes.length - at) * growthMax) return undefined
  const out = new Uint8Array(length)
  let past = 0
  while (at < bytes.length) {
    const tag = bytes[at++]
    const kind = tag & 3
    if (kind === 0) {
      let size = (tag >> 2) + 1
      if (size > 60) {
        const digits = size - 60
        if (at + digits > bytes.length) return undefined
        size = 1 + littleEnd(bytes, at, digits)
        at += digits
      }
      if (at + size > bytes.length || past + size > length) return undefined
      out.set(bytes.subarray(at, at + size), past)
      at += size
      past += size
      continue
    }
    const digits = kind === 1 ? 1 : kind === 2 ? 2 : 4
    if (at + digits > bytes.length) return undefined
    const low = littleEnd(bytes, at, digits)
    at += digits
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? ((tag >> 5) << 8) | low : low
    if (back === 0 || back > past || past + size > length) return undefined
    // a copy may reach into itself: what it copies is then repeated
    for (let i = 0; i < size; i++, past++) out[past] = out[past - back]
  }
  return past === length ? out : undefined
}

function littleEnd(bytes: Uint8Array, at: number, digits: number): number {
  let number = 0
  for (let i = digits - 1; i >= 0; i--) number = number * 256 + bytes[at + i]
  return number
}
