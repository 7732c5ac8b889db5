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
  const prefix = end - start < statusMin ? 'HTTP/1.1 200' : 'HTTP/1.'
  for (let i = start; i < Math.min(end, start + 7); i++) {
    if (bytes[i] !== prefix.charCodeAt(i - start)) return 'no'
  }
  return end - start < statusMin ? 'maybe' : 'no'
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

/** Index of the first whole request line, or -1. */
export function findRequest(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (i > start && bytes[i - 1] !== lf) continue
    const method = methodEnd(bytes, i, end)
    if (method <= 0) continue
    const line = lineEnd(bytes, method, end)
    if (line < 0) return -1
    if (targetEnd(bytes, method, trimmed(bytes, method, line)) > 0) return i
  }
  return -1
}

/** Index of the first status line, or -1. The body before it need not end with a line. */
export function findResponse(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i + statusMin <= end; i++) {
    if ((bytes[i] | 0x20) === 0x68 && statusCode(bytes, i, end) > 0) return i
  }
  return -1
}
