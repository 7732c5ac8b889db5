import type { ByteReader } from '#lib/byte-reader.ts'

/** Compression pointers followed for one name; what needs more is no name. */
const jumpsMax = 32
/** Bytes of a name on the wire (RFC 1035 section 2.3.4). */
const nameMax = 255

/** Steps over a name. A label that is none makes the reader short. */
export function skipName(reader: ByteReader): void {
  for (let length = reader.u8(); length > 0; length = reader.u8()) {
    if (length < 0x40) reader.skip(length)
    else {
      reader.skip(length >= 0xc0 ? 1 : -1)
      return
    }
  }
}

/**
 * Reads a name as text without the last dot, `''` for the root. The message begins at `start`: what compression
 * pointers (RFC 1035 section 4.1.4) count from. A loop, or a name too long, makes the reader short.
 */
export function readName(reader: ByteReader, start: number): string {
  const from = reader.at
  skipName(reader)
  if (reader.short) return ''
  const past = reader.at
  reader.at = from
  const name = labels(reader, start)
  if (!reader.short) reader.at = past
  return name
}

function labels(reader: ByteReader, start: number): string {
  let name = ''
  let length = 0
  let jumps = 0
  for (;;) {
    const size = reader.u8()
    if (size === 0) return name
    if (size >= 0xc0) {
      const target = start + (((size & 0x3f) << 8) | reader.u8())
      if (++jumps > jumpsMax) reader.skip(-1)
      else if (!reader.short) reader.at = target
      continue
    }
    length += size + 1
    if (size >= 0x40 || length > nameMax) {
      reader.skip(-1)
      continue
    }
    const label = shown(reader.latin1(size))
    name = name === '' ? label : `${name}.${label}`
  }
}

const unusual = /[^!-\-/-~]/
const dotOrControl = /[\p{Cc} .]/gu

/** A label as text: a dot or a control character inside it is escaped as in zone files (`\.`, `\009`). */
function shown(label: string): string {
  if (!unusual.test(label)) return label
  return label.replace(dotOrControl, character =>
    character === '.' ? '\\.' : `\\${String(character.charCodeAt(0)).padStart(3, '0')}`,
  )
}
