import { begins } from './bytes.ts'
import { latin1, utf8 } from './text.ts'

const noBytes = new Uint8Array(0)

/**
 * Reads numbers and texts from `bytes[start, end)`, in order. It is sticky: reading past the end gives 0, '' or
 * undefined, sets `short` and keeps it set, so a parser reads straight through and looks once. It never throws.
 * One reader serves many ranges (`reset`); reading numbers allocates nothing.
 */
export class ByteReader {
  bytes: Uint8Array = noBytes
  /** Index of the next byte. */
  at = 0
  end = 0
  /** Something was read that is not there (yet). */
  short = false

  /** Starts over with another range. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.bytes = bytes
    this.at = start
    this.end = end
    this.short = false
    return this
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.at
  }

  /** Runs a parser; when it comes up short, answers undefined and puts the cursor back. */
  attempt<T>(parse: (reader: ByteReader) => T): T | undefined {
    const start = this.at
    const value = parse(this)
    if (!this.short) return value
    this.at = start
    this.short = false
    return undefined
  }

  u8(): number {
    return this.has(1) ? this.bytes[this.at++] : 0
  }

  /** The next byte without reading it; -1 at the end, which is not `short`. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at] : -1
  }

  /** Whether `what` comes next, all of it; it is not read. */
  begins(what: Uint8Array): boolean {
    return begins(this.bytes, this.at, this.end, what)
  }

  i8(): number {
    return (this.u8() << 24) >> 24
  }

  u16(): number {
    if (!this.has(2)) return 0
    const { bytes, at } = this
    this.at = at + 2
    return (bytes[at] << 8) | bytes[at + 1]
  }

  i16(): number {
    return (this.u16() << 16) >> 16
  }

  u24(): number {
    if (!this.has(3)) return 0
    const { bytes, at } = this
    this.at = at + 3
    return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]
  }

  i32(): number {
    if (!this.has(4)) return 0
    const { bytes, at } = this
    this.at = at + 4
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]
  }

  u32(): number {
    return this.i32() >>> 0
  }

  /** 64 bits, unsigned; inexact above 2^53. */
  u64(): number {
    if (!this.has(8)) return 0
    return this.u32() * 2 ** 32 + this.u32()
  }

  u16le(): number {
    const value = this.u16()
    return (value >> 8) | ((value & 0xff) << 8)
  }

  u24le(): number {
    if (!this.has(3)) return 0
    const { bytes, at } = this
    this.at = at + 3
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
  }

  i32le(): number {
    if (!this.has(4)) return 0
    const { bytes, at } = this
    this.at = at + 4
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
  }

  u32le(): number {
    return this.i32le() >>> 0
  }

  /** 64 bits, little end first, unsigned; inexact above 2^53. */
  u64le(): number {
    if (!this.has(8)) return 0
    const low = this.u32le()
    return this.u32le() * 2 ** 32 + low
  }

  /** Leaves out bytes. A negative length is as short as one too long. */
  skip(length: number): void {
    if (this.has(length)) this.at += length
  }

  /** The next bytes as UTF-8. */
  utf8(length: number): string {
    if (!this.has(length)) return ''
    const start = this.at
    this.at += length
    return utf8(this.bytes, start, this.at)
  }

  /** The next bytes as Latin-1. */
  latin1(length: number): string {
    if (!this.has(length)) return ''
    const start = this.at
    this.at += length
    return latin1(this.bytes, start, this.at)
  }

  /**
   * Index of the next `byte`; the cursor goes behind it. What lies between the cursor before and the index is the
   * caller's to take. -1 and `short` when there is none.
   */
  until(byte: number): number {
    const { bytes, end } = this
    for (let i = this.at; i < end; i++) {
      if (bytes[i] !== byte) continue
      this.at = i + 1
      return i
    }
    this.has(this.left + 1)
    return -1
  }

  /** Text up to the next 0 byte, as UTF-8. */
  cstring(): string {
    const start = this.at
    const end = this.until(0)
    return end < 0 ? '' : utf8(this.bytes, start, end)
  }

  /** True when so many bytes are there; otherwise the reader is short from here on. */
  has(length: number): boolean {
    if (length >= 0 && this.at + length <= this.end && !this.short) return true
    this.short = true
    this.at = this.end
    return false
  }
}
