import { latin1 } from '#lib/text.ts'

/** The fields in which a request says which trace it is part of, the best first. */
export const traceparent = 0
export const b3 = 1
export const b3TraceId = 2
export type TraceField = typeof traceparent | typeof b3 | typeof b3TraceId

/** Bytes of a value that are looked at: longer ones of `b3` are none, and of `traceparent` the beginning counts. */
export const traceValueMax = 72

const none = 3

/** The trace that the fields of a request name: the best field that is valid counts. */
export class TraceContext {
  id: string | undefined
  #field = none

  /** Another request begins. */
  reset(): void {
    this.id = undefined
    this.#field = none
  }

  /** A field with its id, as `traceIdOf` read it. One that is said twice, and not the same, names none. */
  take(field: TraceField, id: string | undefined): void {
    if (id === undefined || field > this.#field) return
    this.id = field === this.#field && id !== this.id ? undefined : id
    this.#field = field
  }
}

/** The id of 32 digits in a field's value `bytes[start, end)`; undefined when it is not valid. */
export function traceIdOf(
  field: TraceField,
  bytes: Uint8Array,
  start: number,
  end: number,
): string | undefined {
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  if (field === traceparent) return ofTraceparent(bytes, start, end)
  return field === b3 ? ofB3(bytes, start, end) : ofB3TraceId(bytes, start, end)
}

/**
 * `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01` (https://www.w3.org/TR/trace-context/#traceparent-header).
 * Version ff is none. Version 00 is as long as this; a higher one may go on behind a dash, and is read as far as this.
 */
function ofTraceparent(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if (length < 55 || bytes[start + 2] !== dash) return undefined
  if (bytes[start + 35] !== dash || bytes[start + 52] !== dash) return undefined
  const version = isSmall(bytes, start, 2)
  if (!version || (bytes[start] === smallF && bytes[start + 1] === smallF)) return undefined
  const isFirst = bytes[start] === zero && bytes[start + 1] === zero
  if (length > 55 && (isFirst || bytes[start + 55] !== dash)) return undefined
  if (!isSmall(bytes, start + 53, 2)) return undefined
  if (!isId(bytes, start + 3, 32, isSmall) || !isId(bytes, start + 36, 16, isSmall)) {
    return undefined
  }
  return latin1(bytes, start + 3, start + 35)
}

/**
 * `{TraceId}-{SpanId}`, `-{SamplingState}` and `-{ParentSpanId}` if there is more to say
 * (https://github.com/openzipkin/b3-propagation#single-header). A sampling state alone (`0`) names no trace.
 */
function ofB3(bytes: Uint8Array, start: number, end: number): string | undefined {
  const dashed = bytes[start + 16] === dash ? start + 16 : start + 32
  const span = dashed + 1
  const rest = span + 16
  if (rest > end || bytes[dashed] !== dash || !isId(bytes, span, 16, isHex)) return undefined
  return isB3Rest(bytes, rest, end) ? ofB3TraceId(bytes, start, dashed) : undefined
}

/** Nothing, `-1`, or `-1-05e3ac9a4f6e3b90`. */
function isB3Rest(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length === 0) return true
  if (bytes[start] !== dash || !samplings.includes(bytes[start + 1])) return false
  if (length === 2) return true
  return length === 19 && bytes[start + 2] === dash && isHex(bytes, start + 3, 16)
}

/**
 * 16 or 32 digits. Of 64 bits it gets zeros on its left, and capital letters become small ones: so do OpenTelemetry's
 * propagators (https://www.npmjs.com/package/@opentelemetry/propagator-b3).
 */
function ofB3TraceId(bytes: Uint8Array, start: number, end: number): string | undefined {
  const length = end - start
  if ((length !== 16 && length !== 32) || !isId(bytes, start, length, isHex)) return undefined
  return latin1(bytes, start, end).toLowerCase().padStart(32, '0')
}

/** So many digits, not all of them zero. */
function isId(bytes: Uint8Array, at: number, length: number, are: typeof isHex): boolean {
  if (!are(bytes, at, length)) return false
  for (let i = at; i < at + length; i++) if (bytes[i] !== zero) return true
  return false
}

function isSmall(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (digits[bytes[i]] !== small) return false
  return true
}

function isHex(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (digits[bytes[i]] === 0) return false
  return true
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09

const dash = 0x2d
const zero = 0x30
const smallF = 0x66
/** `0`, `1`, `d`. */
const samplings = [0x30, 0x31, 0x64]

/** Hexadecimal digits: `small` as W3C wants them, 2 for capital letters. */
const digits = new Uint8Array(256)
const small = 1
for (const char of '0123456789abcdef') digits[char.charCodeAt(0)] = small
for (const char of 'ABCDEF') digits[char.charCodeAt(0)] = 2
