import { isDigit } from '#lib/bytes.ts'
/** Characters of the grammar in RFC 9112, as bytes. */
export const tab = 0x09
export const lf = 0x0a
export const cr = 0x0d
export const space = 0x20
export const comma = 0x2c
export const zero = 0x30
const one = 0x31
export const nine = 0x39
export const colon = 0x3a
export const semicolon = 0x3b

/** Longest method that is believed; the longest registered one (UPDATEREDIRECTREF) has 17. */
const methodMax = 24

/** 1 for the characters of a token (RFC 9110, 5.6.2). */
const tokens = new Uint8Array(256)
for (const char of "!#$%&'*+-.^_`|~0123456789") tokens[char.charCodeAt(0)] = 1
for (let code = 0x41; code <= 0x5a; code++) tokens[code] = tokens[code | 0x20] = 1

/** Index of the next line feed, or -1. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === lf) return i
  return -1
}

/** `end` of a line without its line feed at `at`, and without the carriage return before it, if any. */
export function trimmed(bytes: Uint8Array, start: number, at: number): number {
  return at > start && bytes[at - 1] === cr ? at - 1 : at
}

/** Index of the space behind the method at `start`; -1: this is no method; 0: more bytes are needed. */
export function methodEnd(bytes: Uint8Array, start: number, end: number): number {
  const last = Math.min(end, start + methodMax + 1)
  for (let i = start; i < last; i++) {
    if (tokens[bytes[i]] === 1) continue
    return bytes[i] === space && i > start ? i : -1
  }
  return last === end ? 0 : -1
}

/** True for `HTTP/1.` and a digit at `start`, in any case: some write it small. */
export function isVersion(
  bytes: Uint8Array,
  start: number,
  end: number,
  major: number = one,
): boolean {
  return (
    end - start >= 8 &&
    (bytes[start] | 0x20) === 0x68 &&
    (bytes[start + 1] | 0x20) === 0x74 &&
    (bytes[start + 2] | 0x20) === 0x74 &&
    (bytes[start + 3] | 0x20) === 0x70 &&
    bytes[start + 4] === 0x2f &&
    bytes[start + 5] === major &&
    bytes[start + 6] === 0x2e &&
    isDigit(bytes[start + 7])
  )
}

/**
 * Index behind the target of the request line `bytes[start, end)` whose method ends at `method`; -1 when it is no
 * request line of HTTP/1. Spaces within the target are tolerated (RFC 9112, 3), control characters are not. Some leave
 * the target out: it is empty then.
 */
export function targetEnd(bytes: Uint8Array, method: number, end: number): number {
  let last = end
  while (last > method && bytes[last - 1] === space) last--
  const version = last - 8
  if (version <= method || bytes[version - 1] !== space || !isVersion(bytes, version, last)) {
    return -1
  }
  for (let i = method + 1; i < version; i++) if (bytes[i] < space || bytes[i] === 0x7f) return -1
  last = version - 1
  while (last > method + 1 && bytes[last - 1] === space) last--
  return Math.max(last, method + 1)
}

/**
 * True for a request line without a version, `GET /path` (HTTP/0.9, https://www.w3.org/Protocols/HTTP/AsImplemented.html).
 * Its method ends at `method`.
 */
export function isSimple(bytes: Uint8Array, start: number, method: number, end: number): boolean {
  for (let i = start; i < method; i++) if (!isCapital(bytes[i])) return false
  for (let i = method + 1; i < end; i++) if (bytes[i] <= space || bytes[i] >= 0x7f) return false
  return end > method + 1
}

/** `A` to `Z`. */
export function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a
}

/**
 * Code of the status line `HTTP/1.1 200 OK` at `start`; -1 when it is none. `ICY 200 OK` is a radio's. 0.9 has no
 * status line, but there are servers that say it so.
 */
export function statusCode(bytes: Uint8Array, start: number, end: number): number {
  let i = start
  if (isVersion(bytes, start, end) || isVersion(bytes, start, end, zero)) i += 8
  else if (isIcy(bytes, start, end)) i += 3
  else return -1
  const gap = i
  while (i < end && bytes[i] === space) i++
  if (i === gap || i + 3 > end) return -1
  if (!isDigit(bytes[i]) || !isDigit(bytes[i + 1]) || !isDigit(bytes[i + 2])) return -1
  if (i + 3 < end && bytes[i + 3] > space) return -1
  const code = (bytes[i] - zero) * 100 + (bytes[i + 1] - zero) * 10 + bytes[i + 2] - zero
  return code >= 100 ? code : -1
}

function isIcy(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start > 4 &&
    bytes[start] === 0x49 &&
    bytes[start + 1] === 0x43 &&
    bytes[start + 2] === 0x59 &&
    bytes[start + 3] === space
  )
}

/** A name as the bytes of its small letters, to compare with `byte | 0x20`. */
export function lowercase(text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0) | 0x20)
}
