/** What a key of a foreign answer may hold. */
export type JsonRecord = Readonly<Record<string, unknown>>

const none: JsonRecord = {}
/** Longer text in an answer is cut: nobody reads a name or an id of a thousand letters. */
const textCharsMax = 512

/** The value when it is an object, else an empty one: null, absent and of another type count alike. */
export function recordOf(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : none
}

/** The value when it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The objects of a list; what is none is left out. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  return listOf(value).map(recordOf).filter(isRecord)
}

/** The value when it is text, cut; else empty. */
export function textOf(value: unknown, charsMax = textCharsMax): string {
  return typeof value === 'string' ? value.slice(0, charsMax) : ''
}

/** The value when it is a finite number; undefined otherwise. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The value when it is a port that can be listened on. */
export function portOf(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536
    ? (value as number)
    : undefined
}

/** The JSON value of a text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(record: JsonRecord): boolean {
  return record !== none
}
