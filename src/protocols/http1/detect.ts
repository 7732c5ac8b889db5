import type { Evidence } from '../protocol.ts'
import {
  isCapital,
  isSimple,
  lf,
  lineEnd,
  methodEnd,
  space,
  statusCode,
  targetEnd,
  trimmed,
} from './line.ts'

/** A status line is never longer before its reason begins. */
const statusMin = 12
/** A request line that is longer and not over yet is taken for one, if the server agrees. */
const longLine = 1024

/** How pages begin that are sent without a status line (HTTP/0.9). */
const pages = ['<html', '<!doctype', '<head', '<title']

/** What the first bytes of a side look like to HTTP/1. Only whole start lines prove it. */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const response = detectResponse(bytes, start, end)
  return response === 'no' ? detectRequest(bytes, start, end) : response
}

function detectResponse(bytes: Uint8Array, start: number, end: number): Evidence {
  if (statusCode(bytes, start, Math.min(end, start + 16)) > 0) {
    return bytes[start] === 0x49 ? 'weak-response' : 'response'
  }
  if (end - start < statusMin && begins(bytes, start, end, 'HTTP/1.')) return 'maybe'
  const page =
    bytes[start] === 0x3c ? pages.find(page => begins(bytes, start, end, page)) : undefined
  if (page === undefined) return 'no'
  return end - start < page.length ? 'maybe' : 'weak-response'
}

function detectRequest(bytes: Uint8Array, start: number, end: number): Evidence {
  const method = methodEnd(bytes, start, end)
  if (method <= 0) return method === 0 ? 'maybe' : 'no'
  const line = lineEnd(bytes, method, end)
  if (line >= 0) {
    const last = trimmed(bytes, method, line)
    if (targetEnd(bytes, method, last) > 0) return 'request'
    return isSimplePath(bytes, start, method, last) ? 'weak-request' : 'no'
  }
  for (let i = method; i < end; i++) {
    if (bytes[i] < space && !(i === end - 1 && bytes[i] === 0x0d)) return 'no'
  }
  return end - start > longLine ? 'weak-request' : 'maybe'
}

/** HTTP/0.9 had no other method. */
function isSimplePath(bytes: Uint8Array, start: number, method: number, end: number): boolean {
  return (
    begins(bytes, start, method, 'GET') &&
    bytes[method + 1] === 0x2f &&
    isSimple(bytes, start, method, end)
  )
}

/** Index of the first request line, or of what may become one at the end; -1: none. */
export function findRequest(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (i > start && bytes[i - 1] !== lf) continue
    const method = methodEnd(bytes, i, end)
    if (method < 0) continue
    const line = lineEnd(bytes, i, end)
    if (line < 0) return areCapitals(bytes, i, method > 0 ? method : end) ? i : -1
    if (method > 0 && targetEnd(bytes, method, trimmed(bytes, method, line)) > 0) return i
  }
  return -1
}

/** Methods that are worth waiting for are written so. */
function areCapitals(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isCapital(bytes[i])) return false
  return true
}

/** Index of the first status line, or of what may become one at the end; -1: none. What is before need not end. */
export function findResponse(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if ((bytes[i] | 0x20) !== 0x68) continue
    if (statusCode(bytes, i, end) > 0) return i
    if (i + statusMin > end && begins(bytes, i, end, 'HTTP/1.')) return i
  }
  return -1
}

/** True when `bytes[start, end)` and the text agree as far as both go; text in small letters agrees with any. */
function begins(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  const length = Math.min(end - start, text.length)
  for (let i = 0; i < length; i++) {
    const char = text.charCodeAt(i)
    const byte = bytes[start + i]
    if (byte !== char && !(isCapital(byte) && (byte | 0x20) === char)) return false
  }
  return true
}
