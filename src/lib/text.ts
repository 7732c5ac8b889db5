/** `bytes[start, end)` as UTF-8 text; what is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  return over(bytes, start, end).toString('utf8')
}

/** `bytes[start, end)` as Latin-1 text: each byte is one character, nothing is lost. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return over(bytes, start, end).toString('latin1')
}

function over(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.max(0, end - start))
}

/** Text of at most `charsMax` characters; what was cut off shows as one `…`. */
export function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`
}

/** The engine copies shorter pieces of a text; a longer one is a view of it, and holds all of it in memory. */
const viewCharsMin = 13

/** The same text, with memory of its own: for what is kept long of a text that is not. */
export function ownText(text: string): string {
  return text.length < viewCharsMin ? text : Buffer.from(text, 'utf8').toString('utf8')
}
