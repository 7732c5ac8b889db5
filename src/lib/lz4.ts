/** Four bytes at least are copied. */
const copyMin = 4
/** Bytes that one byte of it can become at most: each byte of a length adds 255. */
const growthMax = 255

/**
 * LZ4, one block without framing (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md) that becomes `size` bytes:
 * literals, each followed by a copy of what came before. Undefined when it does not. The caller bounds `size`.
 */
export function unlz4(bytes: Uint8Array, size: number): Uint8Array | undefined {
  // what is too short for its own word needs no room
  if (size > bytes.length * growthMax) return undefined
  const out = new Uint8Array(size)
  const input = { bytes, at: 0 }
  let past = 0
  while (input.at < bytes.length) {
    const token = bytes[input.at++]
    const literals = lengthOf(token >> 4, input)
    const from = input.at
    if (from + literals > bytes.length || past + literals > size) return undefined
    for (let i = 0; i < literals; i++) out[past++] = bytes[from + i]
    input.at += literals
    // the last literals are followed by nothing
    if (input.at === bytes.length) break
    const back = bytes[input.at] | (bytes[input.at + 1] << 8)
    input.at += 2
    const copied = lengthOf(token & 15, input) + copyMin
    if (input.at > bytes.length || back === 0 || back > past || past + copied > size) {
      return undefined
    }
    // a copy may reach into itself: what it copies is then repeated
    for (let i = 0; i < copied; i++, past++) out[past] = out[past - back]
  }
  return past === size ? out : undefined
}

/** Fifteen goes on in bytes that are added, up to one that is not 255. */
function lengthOf(nibble: number, input: { readonly bytes: Uint8Array; at: number }): number {
  if (nibble < 15) return nibble
  let length = nibble
  while (input.at < input.bytes.length) {
    const more = input.bytes[input.at++]
    length += more
    if (more < 255) break
  }
  return length
}
