import { int32le } from '#lib/bytes.ts'

/*
 * BSON (https://bsonspec.org/spec.html), as far as passing over it needs: a document is its length, elements, a zero.
 *
 *     document  length 4  element*  00          element  type 1  name 00  value
 */

export const bsonDouble = 0x01
export const bsonString = 0x02
export const bsonDocument = 0x03
export const bsonArray = 0x04
export const bsonInt32 = 0x10
export const bsonInt64 = 0x12

/** The smallest document: its length and its end. */
export const documentBytesMin = 5
/** Longest name of an element that is believed. */
export const nameBytesMax = 1024
/** Longest pattern, and longest options, of a regular expression. */
const patternBytesMax = 32 * 1024

/** `valueSize` answers: more bytes are needed to say it; there is no such value. */
export const sizeUnknown = -1
export const sizeInvalid = -2

/** Sizes of values that all have one. */
const fixedSizes = new Int8Array(256).fill(sizeInvalid)
for (const [type, size] of [
  [bsonDouble, 8],
  [0x06, 0], // undefined
  [0x07, 12], // ObjectId
  [0x08, 1], // boolean
  [0x09, 8], // date
  [0x0a, 0], // null
  [bsonInt32, 4],
  [0x11, 8], // timestamp
  [bsonInt64, 8],
  [0x13, 16], // decimal128
  [0x7f, 0], // the greatest key
  [0xff, 0], // the smallest
]) {
  fixedSizes[type] = size
}

/** Values that begin with a length: what has to be added to it for the whole, and the least that it may be. */
const lengthAdds = new Int8Array(256).fill(-1)
const lengthLeast = new Int8Array(256)
for (const [type, adds, least] of [
  [bsonString, 4, 1],
  [bsonDocument, 0, documentBytesMin],
  [bsonArray, 0, documentBytesMin],
  [0x05, 5, 0], // binary
  [0x0c, 16, 1], // a reference: string, ObjectId
  [0x0d, 4, 1], // code
  [0x0e, 4, 1], // symbol
  [0x0f, 0, 14], // code with its scope
]) {
  lengthAdds[type] = adds
  lengthLeast[type] = least
}

/** True for what an element may begin with. */
export const isType = (type: number): boolean =>
  fixedSizes[type] >= 0 || lengthAdds[type] >= 0 || type === 0x0b

/** Bytes of the value at `at`; `sizeUnknown` when `bytes[at, end)` do not show it yet; `sizeInvalid`. */
export function valueSize(type: number, bytes: Uint8Array, at: number, end: number): number {
  const fixed = fixedSizes[type]
  if (fixed >= 0) return fixed
  const adds = lengthAdds[type]
  if (adds < 0) return type === 0x0b ? regexSize(bytes, at, end) : sizeInvalid
  if (end - at < 4) return sizeUnknown
  const length = int32le(bytes, at)
  return length < lengthLeast[type] ? sizeInvalid : length + adds
}

/** Pattern and options, each up to a zero. */
function regexSize(bytes: Uint8Array, at: number, end: number): number {
  const pattern = zeroAt(bytes, at, Math.min(end, at + patternBytesMax))
  if (pattern < 0) return end - at >= patternBytesMax ? sizeInvalid : sizeUnknown
  const options = zeroAt(bytes, pattern + 1, Math.min(end, pattern + 1 + nameBytesMax))
  if (options < 0) return end - pattern > nameBytesMax ? sizeInvalid : sizeUnknown
  return options + 1 - at
}

/** Index of the next zero, or -1. */
export function zeroAt(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === 0) return i
  return -1
}

/** Any number or boolean: is it other than zero? */
export function isTrue(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] !== 0) return true
  return false
}

/** A whole number of any type; 0 for what is none, and for one that `bytes[start, end)` do not hold. */
export function wholeNumber(type: number, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < fixedSizes[type]) return 0
  if (type === bsonInt32 || type === bsonInt64) return int32le(bytes, start)
  if (type !== bsonDouble) return 0
  return Math.trunc(new DataView(bytes.buffer, bytes.byteOffset + start, 8).getFloat64(0, true))
}

/** Gets an element whose value lies in `bytes[start, end)`, as far as it is here. True: that was enough. */
export type ElementSink = (name: string, type: number, start: number, end: number) => boolean

/** Elements of a small document that are looked at. */
const elementsMax = 32

/** Reads the elements of the document at `start`, as many as are here; for errors and such, which are small and seldom. */
export function eachElement(
  bytes: Uint8Array,
  start: number,
  end: number,
  sink: ElementSink,
): void {
  let at = start + 4
  for (let count = 0; count < elementsMax && at < end && bytes[at] !== 0; count++) {
    const type = bytes[at]
    const nameEnd = zeroAt(bytes, at + 1, Math.min(end, at + 1 + nameBytesMax))
    if (nameEnd < 0) return
    const value = nameEnd + 1
    const size = valueSize(type, bytes, value, end)
    if (size < 0) return
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + at + 1, nameEnd - at - 1)
    if (sink(name.toString('latin1'), type, value, Math.min(end, value + size))) return
    at = value + size
  }
}
