import { int32, uint32 } from '#lib/bytes.ts'
import { needMore, notMine } from '../stream.ts'
import { messageBytesMax } from './header.ts'
import { varint, varintBytes, zigzag } from './varint.ts'

/** Structs and collections in one another that are believed: the library's own `recursionLimit`. */
const depthMax = 64

/** What a value is, as the binary protocol numbers it. */
const kinds = {
  bool: 2,
  i8: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  text: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
  uuid: 16,
} as const
const highestKind = 16
/** `none`: the type of both sides of a map that is empty. */
const none = 0

const binaryBytes: readonly number[] = sizes({
  [kinds.bool]: 1,
  [kinds.i8]: 1,
  [kinds.double]: 8,
  [kinds.i16]: 2,
  [kinds.i32]: 4,
  [kinds.i64]: 8,
  [kinds.uuid]: 16,
})
const compactBytes: readonly number[] = sizes({
  [kinds.bool]: 1,
  [kinds.i8]: 1,
  [kinds.double]: 8,
  [kinds.uuid]: 16,
})
/** Types of the compact protocol; 1 and 2 are true and false. */
const compactKinds: readonly number[] = [
  none,
  kinds.bool,
  kinds.bool,
  kinds.i8,
  kinds.i16,
  kinds.i32,
  kinds.i64,
  kinds.double,
  kinds.text,
  kinds.list,
  kinds.set,
  kinds.map,
  kinds.struct,
  kinds.uuid,
]

/** By kind; 0: not always the same. */
function sizes(known: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: highestKind + 1 }, (_, kind) => known[kind] ?? 0)
}

/** A struct whose fields are read, or a collection whose values are. */
interface Level {
  /** Values that are still to come; -1: a struct. */
  left: number
  /** Of the values of a collection. Those of a map are keys (`kind`) and values in turn. */
  kind: number
  otherKind: number
  /** Of a struct: the field at hand. */
  id: number
}

/**
 * Passes over the struct behind a message's header, as far as it is there, in as many pieces as it comes in: only that
 * shows where an unframed message ends. Of what it holds it sees which field comes first, and an exception's type.
 */
export class Fields {
  /** The first field of the struct: 0 is the result of a call; undefined: none yet, or none at all. */
  firstId: number | undefined
  /** The second field, if it is a number: the type of a TApplicationException. */
  code: number | undefined
  isWhole = false
  /** Bytes behind what was taken that belong to it, too. */
  skipBytes = 0

  #isCompact = false
  #isBrief = false
  #bytes = binaryBytes
  readonly #levels: Level[] = []
  #depth = 0
  /** The kind of the value that comes next. */
  #next: number = none

  /** `isBrief`: nothing behind the head of the first field is of interest. */
  begin(isCompact: boolean, isBrief: boolean): void {
    this.#isBrief = isBrief
    this.firstId = undefined
    this.code = undefined
    this.isWhole = false
    this.#isCompact = isCompact
    this.#bytes = isCompact ? compactBytes : binaryBytes
    this.#depth = 0
    this.#next = none
    this.#push(-1, none, none)
  }

  /** Answers how many bytes it took (0: more are needed), or `notMine`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.skipBytes = 0
    let at = start
    while (at < end && !this.isWhole && !(this.#isBrief && this.firstId !== undefined)) {
      const taken = this.#part(bytes, at, end)
      if (taken === notMine) return notMine
      if (taken === needMore) break
      at += taken
      this.#popEmpty()
    }
    this.skipBytes = Math.max(0, at - end)
    return Math.min(at, end) - start
  }

  /** A field's head, or a value. */
  #part(bytes: Uint8Array, at: number, end: number): number {
    if (this.#next === none) {
      const level = this.#levels[this.#depth - 1]
      if (level.left < 0) return this.#field(level, bytes, at, end)
      this.#next = level.kind
      level.kind = level.otherKind
      level.otherKind = this.#next
      level.left--
    }
    const kind = this.#next
    if (this.#isCode(kind)) {
      const taken = this.#number(bytes, at, end)
      if (taken > 0) this.#next = none
      return taken
    }
    // a struct begins with its first field
    if (kind === kinds.struct) {
      this.#next = none
      return this.#push(-1, none, none) ? this.#part(bytes, at, end) : notMine
    }
    const taken = this.#value(kind, bytes, at, end)
    if (taken > 0) this.#next = none
    return taken
  }

  #field(level: Level, bytes: Uint8Array, at: number, end: number): number {
    const type = this.#isCompact ? bytes[at] & 15 : bytes[at]
    if (type === 0) return bytes[at] === 0 ? this.#pop() : notMine
    const kind = this.#isCompact ? compactKinds[type] : type
    if (!isKind(kind)) return notMine
    let taken = 1
    if (!this.#isCompact) {
      if (end - at < 3) return needMore
      level.id = ((bytes[at + 1] << 24) >> 16) | bytes[at + 2]
      taken = 3
    } else if (bytes[at] > 15) level.id += bytes[at] >> 4
    else {
      const length = varintBytes(bytes, at + 1, end)
      if (length <= 0) return length
      level.id = zigzag(varint(bytes, at + 1, length))
      taken += length
    }
    if (this.#depth === 1) this.firstId ??= level.id
    // of compact ones the type says the value
    this.#next = this.#isCompact && kind === kinds.bool ? none : kind
    return taken
  }

  #isCode(kind: number): boolean {
    return this.#depth === 1 && kind === kinds.i32 && this.#levels[0].id === 2
  }

  #number(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#isCompact) {
      if (end - at < 4) return needMore
      this.code = int32(bytes, at)
      return 4
    }
    const length = varintBytes(bytes, at, end)
    if (length > 0) this.code = zigzag(varint(bytes, at, length))
    return length
  }

  /** Bytes of a value, or of what stands before a collection. */
  #value(kind: number, bytes: Uint8Array, at: number, end: number): number {
    const size = this.#bytes[kind]
    if (size > 0) return size
    if (this.#isCompact) return this.#compactValue(kind, bytes, at, end)
    if (kind === kinds.text) {
      if (end - at < 4) return needMore
      const length = uint32(bytes, at)
      return length <= messageBytesMax ? 4 + length : notMine
    }
    if (kind === kinds.map) {
      if (end - at < 6) return needMore
      return this.#collection(6, uint32(bytes, at + 2), bytes[at], bytes[at + 1])
    }
    if (end - at < 5) return needMore
    return this.#collection(5, uint32(bytes, at + 1), bytes[at], none)
  }

  #compactValue(kind: number, bytes: Uint8Array, at: number, end: number): number {
    const isList = kind === kinds.list || kind === kinds.set
    if (isList && bytes[at] < 0xf0) {
      return this.#collection(1, bytes[at] >> 4, compactKinds[bytes[at] & 15], none)
    }
    const from = isList ? at + 1 : at
    const length = varintBytes(bytes, from, end)
    if (length <= 0) return length
    const number = varint(bytes, from, length)
    if (isList) return this.#collection(1 + length, number, compactKinds[bytes[at] & 15], none)
    if (kind === kinds.text) return number <= messageBytesMax ? length + number : notMine
    if (kind !== kinds.map || number === 0) return length
    const types = from + length
    if (types === end) return needMore
    const [key, value] = [compactKinds[bytes[types] >> 4], compactKinds[bytes[types] & 15]]
    return this.#collection(length + 1, number, key, value)
  }

  /** `other` is `none` for what is no map. Values that are all of one size are passed over at once. */
  #collection(headBytes: number, count: number, kind: number, other: number): number {
    if (count === 0) return headBytes
    const isMap = other !== none
    if (!isKind(kind) || (isMap && !isKind(other)) || count > messageBytesMax) return notMine
    const size = this.#bytes[kind]
    const otherSize = isMap ? this.#bytes[other] : size
    if (size > 0 && otherSize > 0) {
      const all = count * (isMap ? size + otherSize : size)
      return all <= messageBytesMax ? headBytes + all : notMine
    }
    const values = isMap ? count * 2 : count
    return this.#push(values, kind, isMap ? other : kind) ? headBytes : notMine
  }

  #push(left: number, kind: number, otherKind: number): boolean {
    if (this.#depth === depthMax) return false
    if (this.#depth === this.#levels.length) {
      this.#levels.push({ left: 0, kind: 0, otherKind: 0, id: 0 })
    }
    const level = this.#levels[this.#depth++]
    level.left = left
    level.kind = kind
    level.otherKind = otherKind
    level.id = 0
    return true
  }

  /** The end of a struct. */
  #pop(): number {
    this.#depth--
    this.isWhole = this.#depth === 0
    return 1
  }

  /** Collections of which nothing more comes. */
  #popEmpty(): void {
    while (this.#next === none && this.#depth > 0 && this.#levels[this.#depth - 1].left === 0) {
      this.#depth--
    }
  }
}

const isKind = (kind: number | undefined): boolean =>
  kind === kinds.text ||
  kind === kinds.struct ||
  isCollection(kind) ||
  (binaryBytes[kind ?? 0] ?? 0) > 0

const isCollection = (kind: number | undefined): boolean =>
  kind === kinds.map || kind === kinds.set || kind === kinds.list

/** True when a struct may begin so. */
export function maybeFields(isCompact: boolean, byte: number): boolean {
  if (byte === 0) return true
  return isKind(isCompact ? compactKinds[byte & 15] : byte)
}
