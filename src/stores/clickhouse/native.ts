/**
 * Blocks in ClickHouse's Native format, as a file or the body of an insert holds them: columns one after the other, each
 * as the engine has it in memory (https://clickhouse.com/docs/interfaces/formats/Native; ClickHouse's
 * src/Formats/NativeWriter.cpp, src/DataTypes/Serializations/SerializationLowCardinality.cpp):
 *
 *     block    = varint(columns) varint(rows) column...
 *     column   = string(name) string(type) [prefix data]      what is in brackets only when there are rows
 *     string   = varint(bytes) UTF-8
 *     number   = little end first
 *     Array(T) = prefix of T; the end of each row's values, UInt64...; all values
 *     Map(K,V) = as Array of pairs: ends, all keys, all values
 *     LowCardinality(String)
 *              = prefix UInt64 1 (a dictionary with each block); when there are values: UInt64 flags | width of keys,
 *                UInt64 words, strings, UInt64 values, a key for each
 */

/** Integers; those of 64 bits may come as doubles too, exact to 2^53. */
export type Numbers =
  | { readonly type: 'UInt8'; readonly values: Uint8Array }
  | { readonly type: 'UInt16'; readonly values: Uint16Array }
  | { readonly type: 'UInt32'; readonly values: Uint32Array }
  | { readonly type: 'UInt64'; readonly values: BigUint64Array | Float64Array }
  | { readonly type: 'Int8'; readonly values: Int8Array }
  | { readonly type: 'Int16'; readonly values: Int16Array }
  | { readonly type: 'Int32'; readonly values: Int32Array }
  | { readonly type: 'Int64'; readonly values: BigInt64Array | Float64Array }
  | { readonly type: 'Float32'; readonly values: Float32Array }
  | { readonly type: 'Float64'; readonly values: Float64Array }
  /** Seconds since the epoch. */
  | { readonly type: 'DateTime'; readonly values: Uint32Array }
  /** Since the epoch, in units of a second's `precision` decimal digits: microseconds for 6. */
  | {
      readonly type: 'DateTime64'
      readonly precision: number
      readonly values: BigInt64Array | Float64Array
    }

/** Values of one column. Those of a row of `Array` and `Map` end where `ends` says, and begin where the row before ends. */
export type Values =
  | Numbers
  | { readonly type: 'String'; readonly values: readonly string[] }
  /** `length` bytes for each row. */
  | { readonly type: 'FixedString'; readonly length: number; readonly values: Uint8Array }
  /** Each row's place among the words; see `lowCardinality`. */
  | { readonly type: 'LowCardinality'; readonly words: readonly string[]; readonly keys: Keys }
  | { readonly type: 'Array'; readonly ends: Uint32Array; readonly values: Values }
  | {
      readonly type: 'Map'
      readonly ends: Uint32Array
      readonly keys: Values
      readonly values: Values
    }

/** As narrow as the number of words allows. */
export type Keys = Uint8Array | Uint16Array | Uint32Array

export type Column = Values & { readonly name: string }

/** One block: done or not at all, when all of it is for one partition. Every column has a value for each row. */
export function encodeNative(rows: number, columns: readonly Column[]): Buffer {
  const block = new Block(columns.reduce((bytes, column) => bytes + sizeOf(column), 64))
  block.varint(columns.length)
  block.varint(rows)
  for (const column of columns) {
    if (rowsOf(column) !== rows) {
      throw new RangeError(`${column.name} has ${rowsOf(column)} rows of ${rows}`)
    }
    block.string(column.name)
    block.string(typeOf(column))
    if (rows === 0) continue
    writePrefix(block, column)
    writeValues(block, column)
  }
  return block.done()
}

/** Texts that repeat, as words and each row's place among them. */
export function lowCardinality(
  texts: readonly string[],
): Extract<Values, { type: 'LowCardinality' }> {
  const places = new Map<string, number>()
  const keys = new Uint32Array(texts.length)
  for (let i = 0; i < texts.length; i++) {
    let place = places.get(texts[i])
    if (place === undefined) {
      place = places.size
      places.set(texts[i], place)
    }
    keys[i] = place
  }
  return { type: 'LowCardinality', words: [...places.keys()], keys: narrow(keys, places.size) }
}

function narrow(keys: Uint32Array, words: number): Keys {
  if (words <= 1 << 8) return Uint8Array.from(keys)
  return words <= 1 << 16 ? Uint16Array.from(keys) : keys
}

/** The name of a type as ClickHouse writes it. */
function typeOf(values: Values): string {
  switch (values.type) {
    case 'DateTime64':
      return `DateTime64(${values.precision})`
    case 'FixedString':
      return `FixedString(${values.length})`
    case 'LowCardinality':
      return 'LowCardinality(String)'
    case 'Array':
      return `Array(${typeOf(values.values)})`
    case 'Map':
      return `Map(${typeOf(values.keys)}, ${typeOf(values.values)})`
    default:
      return values.type
  }
}

function rowsOf(values: Values): number {
  switch (values.type) {
    case 'FixedString':
      return values.values.length / values.length
    case 'LowCardinality':
      return values.keys.length
    case 'Array':
    case 'Map':
      return values.ends.length
    default:
      return values.values.length
  }
}

/** About how many bytes: too few cost a copy. */
function sizeOf(values: Values): number {
  switch (values.type) {
    case 'String':
      return values.values.length * 24 + 64
    case 'LowCardinality':
      return values.words.length * 24 + values.keys.byteLength + 64
    case 'Array':
      return values.ends.length * 8 + sizeOf(values.values) + 64
    case 'Map':
      return values.ends.length * 8 + sizeOf(values.keys) + sizeOf(values.values) + 64
    default:
      return values.values.byteLength + 64
  }
}

const dictionaryWithBlock = 1
const hasWords = 0x200
const isNewDictionary = 0x400

/** What stands before all values of a column, and of what is nested in it. */
function writePrefix(block: Block, values: Values): void {
  if (values.type === 'LowCardinality') block.uint64(dictionaryWithBlock)
  else if (values.type === 'Array') writePrefix(block, values.values)
  else if (values.type === 'Map') {
    writePrefix(block, values.keys)
    writePrefix(block, values.values)
  }
}

function writeValues(block: Block, values: Values): void {
  if (values.type === 'String') for (const text of values.values) block.string(text)
  else if (values.type === 'LowCardinality') writeWords(block, values.words, values.keys)
  else if (values.type === 'Array') {
    block.wide(values.ends)
    writeNested(block, values.ends, values.values)
  } else if (values.type === 'Map') {
    block.wide(values.ends)
    writeNested(block, values.ends, values.keys)
    writeNested(block, values.ends, values.values)
  } else if (isWide(values)) block.wide(values.values)
  else block.bytes(values.values)
}

/** Integers of 64 bits that come as doubles. */
function isWide(values: Values): values is Numbers & { readonly values: Float64Array } {
  return 'values' in values && values.values instanceof Float64Array && values.type !== 'Float64'
}

function writeNested(block: Block, ends: Uint32Array, values: Values): void {
  const count = ends.at(-1) ?? 0
  if (rowsOf(values) !== count) throw new RangeError(`${rowsOf(values)} values, not ${count}`)
  writeValues(block, values)
}

function writeWords(block: Block, words: readonly string[], keys: Keys): void {
  if (keys.length === 0) return
  const width = Math.log2(keys.BYTES_PER_ELEMENT)
  block.uint64(hasWords | isNewDictionary | width)
  block.uint64(words.length)
  for (const word of words) block.string(word)
  block.uint64(keys.length)
  block.bytes(keys)
}

/** Texts shorter than this are written here; longer ones by Node, whose call costs as much. */
const shortChars = 40
const twoTo32 = 2 ** 32

/** Bytes that grow. */
class Block {
  #bytes: Buffer
  #at = 0

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.allocUnsafe(sizeBytes)
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  varint(value: number): void {
    this.#room(8)
    let rest = value
    for (; rest > 0x7f; rest = Math.floor(rest / 128))
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  uint64(value: number): void {
    this.#room(8)
    this.#bytes.writeUInt32LE(value >>> 0, this.#at)
    this.#bytes.writeUInt32LE(Math.floor(value / twoTo32), this.#at + 4)
    this.#at += 8
  }

  /** Whole numbers as 64 bits each, negative ones in two's complement. */
  wide(values: Uint32Array | Float64Array): void {
    this.#room(values.length * 8)
    const bytes = this.#bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset + this.#at, values.length * 8)
    for (let i = 0; i < values.length; i++) {
      view.setUint32(i * 8, values[i], true)
      view.setInt32(i * 8 + 4, Math.floor(values[i] / twoTo32), true)
    }
    this.#at += values.length * 8
  }

  /** Numbers as they are: this machine and the format have the little end first. */
  bytes(values: ArrayBufferView): void {
    this.#room(values.byteLength)
    this.#bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.#at)
    this.#at += values.byteLength
  }

  string(text: string): void {
    if (text.length >= shortChars || !this.#ascii(text)) this.#utf8(text)
  }

  /** Writes a short text of ASCII; answers false, and writes nothing, when it is another. */
  #ascii(text: string): boolean {
    this.#room(text.length + 1)
    const bytes = this.#bytes
    let at = this.#at
    bytes[at++] = text.length
    for (let i = 0; i < text.length; i++) {
      const character = text.charCodeAt(i)
      if (character > 0x7f) return false
      bytes[at++] = character
    }
    this.#at = at
    return true
  }

  #utf8(text: string): void {
    const length = Buffer.byteLength(text)
    this.varint(length)
    this.#room(length)
    this.#bytes.write(text, this.#at, length)
    this.#at += length
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}
