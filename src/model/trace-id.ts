/** A trace's id as it is kept: 32 small hexadecimal digits, not all of them zero (W3C Trace Context, 3.2.2.3). */
export const traceIdPattern = /^(?!0{32}$)[0-9a-f]{32}$/

const written = /^(?:[0-9a-f]{16}){1,2}$/i

/**
 * The id that a person wrote, in small or capital letters; one of 64 bits gets zeros on its left, as decoders give them.
 * Undefined when it is none.
 */
export function parseTraceId(text: string): string | undefined {
  if (!written.test(text)) return undefined
  const id = text.toLowerCase().padStart(32, '0')
  return traceIdPattern.test(id) ? id : undefined
}
