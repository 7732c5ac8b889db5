import { cut, utf8 } from '#lib/text.ts'

/** Characters that are shown of a name: of a key, a topic, a queue, a database, a user. */
export const nameCharsMax = 256
/** Bytes of it that are looked at. */
const nameBytesMax = nameCharsMax * 4

/** A name as it is shown. */
export function nameText(bytes: Uint8Array, start: number, end: number): string {
  return cut(utf8(bytes, start, Math.min(end, start + nameBytesMax)), nameCharsMax)
}
