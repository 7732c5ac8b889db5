import type { ByteReader } from '#lib/byte-reader.ts'

/** Topic Alias, of PUBLISH. */
const topicAlias = 0x23

/** Bytes of values by identifier (MQTT 5.0, 2.2.2.2); those of others begin with their length, or are pairs of such. */
const sizes: ReadonlyMap<number, number> = new Map([
  ...[0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a].map(id => [id, 1] as const),
  ...[0x13, 0x21, 0x22, 0x23].map(id => [id, 2] as const),
  ...[0x02, 0x11, 0x18, 0x27].map(id => [id, 4] as const),
])
const texts = new Set([0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1a, 0x1c, 0x1f])
const pair = 0x26
const variable = 0x0b

/** A variable byte integer (MQTT 5.0, 1.5.5). What is none makes the reader short. */
export function readVariable(reader: ByteReader): number {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = reader.u8()
    value += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return value
  }
  reader.skip(-1)
  return 0
}

/** Steps over the properties of a packet. */
export function skipProperties(reader: ByteReader): void {
  reader.skip(readVariable(reader))
}

/** The topic alias among the properties at the cursor, which goes behind them; 0: none. What is none makes it short. */
export function readTopicAlias(reader: ByteReader): number {
  const length = readVariable(reader)
  if (!reader.has(length)) return 0
  const end = reader.at + length
  let alias = 0
  while (reader.at < end && !reader.short) {
    const id = reader.u8()
    if (id === topicAlias) alias = reader.u16()
    else skipValue(reader, id)
  }
  if (reader.at !== end) reader.skip(-1)
  return alias
}

function skipValue(reader: ByteReader, id: number): void {
  const size = sizes.get(id)
  if (size !== undefined) reader.skip(size)
  else if (id === variable) readVariable(reader)
  else if (id === pair || texts.has(id)) {
    reader.skip(reader.u16())
    if (id === pair) reader.skip(reader.u16())
  } else reader.skip(-1)
}
