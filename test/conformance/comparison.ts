import type { Seen } from './capture.ts'
import type { Expectation, Expected } from './expectation.ts'

/** Fields that are compared. */
export type Field = 'method' | 'resource' | 'status' | 'outcome' | 'ends'
export const fields: readonly Field[] = ['method', 'resource', 'status', 'outcome', 'ends']

/** Where Inkling and the reference rightly differ. */
export interface Exception {
  /** Of the file `origin/name`, or for names of a flow `origin/name: ends is called ...`. */
  readonly file: RegExp
  readonly fields: readonly (Field | 'count' | 'name')[]
  readonly reason: string
}

/** How a protocol's transactions are compared with those of the reference. One file each in `protocols/`. */
export interface Comparison {
  /** Our name of the protocol. */
  readonly protocol: string
  /** The reference's. */
  readonly reference: string
  /** Its transactions of high confidence, where the reference lists something else. Default: those under its name. */
  readonly listed?: (expectation: Expectation) => readonly Expected[]
  /** False for what by definition is no transaction of ours. Default: all are. */
  readonly isCounted?: (one: Expected) => boolean
  /** False for what by definition is none of the reference's. Default: all are. */
  readonly isComparable?: (one: Seen) => boolean
  /** What the reference says in our words; undefined where it does not say it. Default: its own words. */
  readonly expected?: Partial<Record<Field, (one: Expected) => string | undefined>>
  /** What we say in words that can be compared. Default: our own. */
  readonly seen?: Partial<Record<Field, (one: Seen) => string>>
  /** By name, with the reason: never silently. */
  readonly exceptions: readonly Exception[]
}

export function expectedField(
  { expected = {} }: Comparison,
  one: Expected,
  field: Field,
): string | undefined {
  const own = expected[field]
  if (own) return own(one)
  if (field === 'method') return one.method ?? ''
  if (field === 'resource') return one.resource ?? ''
  if (field === 'status') return one.status === null ? '-' : String(one.status)
  if (field === 'outcome') return one.ok ? 'ok' : 'not ok'
  return `${one.client} > ${one.server}`
}

export function seenField({ seen = {} }: Comparison, one: Seen, field: Field): string {
  const own = seen[field]
  if (own) return own(one)
  if (field === 'status') return one.status ?? '-'
  if (field === 'outcome') return one.outcome === 'ok' ? 'ok' : 'not ok'
  if (field === 'ends') return `${one.client} > ${one.server}`
  return one[field]
}
