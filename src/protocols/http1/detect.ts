import type { Evidence } from '../protocol.ts'
import { lf, lineEnd, methodEnd, space, statusCode, targetEnd, trimmed } from './line.ts'

/** A status line is never longer before its reason begins. */
const statusMin = 12
/** A request line that is longer and not over yet is taken for one, if the server agrees. */
const longLine = 1024

/** What the first bytes of a side look like to HTTP/1. Only whole start lines prove it. */
export function detect(bytes: Uint8Array, start: number, end: number): Evidence {
  const response = detectResponse(bytes, start, end)
  return response === 'no' ? detectRequest(bytes, start, end) : response
}

function detectResponse(bytes: Uint8Array, start: number, end: number): Evidence {
  if (statusCode(bytes, start, Math.min(end, start + 16)) > 0) {
    return bytes[start] === 0x49 ? 'weak-response' : 'response'
  }
  return end - start < statusMin && begins(bytes, start, end, 'HTTP/1.') ? 'maybe' : 'no'
}

function detectRequest(bytes: Uint8Array, start: number, end: number): Evidence {
  const method = methodEnd(bytes, start, end)
  if (method <= 0) return method === 0 ? 'maybe' : 'no'
  const line = lineEnd(bytes, method, end)
  if (line >= 0) {
    return targetEnd(bytes, method, trimmed(bytes, method, line)) > 0 ? 'request' : 'no'
  }
  for (let i = method; i < end; i++) {
    if (bytes[i] < space && !(i === end - 1 && bytes[i] === 0x0d)) return 'no'
  }
  return end - start > longLine ? 'weak-request' : 'maybe'
}

/** Index of the first request line, or of what may become one at the end; -1: none. */
export function findRequest(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (i > start && bytes[i - 1] !== lf) continue
    const method = methodEnd(bytes, i, end)
    if (method < 0) continue
    const line = lineEnd(bytes, i, end)
    if (line < 0) return method === 0 && isCapital(bytes, i, end) ? i : -1
    if (method > 0 && targetEnd(bytes, method, trimmed(bytes, method, line)) > 0) return i
  }
  return -1
}

/** Methods that are worth waiting for are written so. */
function isCapital(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] < 0x41 || bytes[i] > 0x5a) return false
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

/** True when `bytes[start, end)` and the text agree as far as both go. */
function begins(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  const length = Math.min(end - start, text.length)
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
  return true
}
