import { messageOf } from '#lib/fault.ts'

/** ClickHouse's errors that are named here (its src/Common/ErrorCodes.cpp). */
const codes = {
  NOT_IMPLEMENTED: 48,
  SYNTAX_ERROR: 62,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  NOT_ENOUGH_SPACE: 243,
  TOO_MANY_BYTES: 307,
  QUERY_WAS_CANCELLED: 394,
  UNSUPPORTED_MEDIA_TYPE: 779,
  UNKNOWN_EXCEPTION: 1002,
} as const

/** The status of an error's number: ClickHouse's src/Server/HTTP/exceptionCodeToHTTPStatus.cpp. */
const statuses: readonly (readonly [status: number, codes: readonly number[]])[] = [
  [401, [194]],
  [403, [192, 193, 497, 512, 516]],
  [
    400,
    [
      6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427,
      441, 675, 676,
    ],
  ],
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]],
  [413, [229, 307]],
  [501, [48]],
  [503, [76, 209, 439]],
  [411, [381]],
  [408, [159]],
  [415, [779]],
]

const statusOfCode = new Map(
  statuses.flatMap(([status, each]) => each.map(code => [code, status] as const)),
)

/** The status that goes with an error's number; 500 when none is named. */
export const statusOf = (code: number): number => statusOfCode.get(code) ?? 500

/** An error as ClickHouse tells it: a number, and `Code: N. DB::Exception: ... (NAME)`. */
export class EngineFault extends Error {
  override readonly name = 'EngineFault'
  readonly code: number

  constructor(code: number, text: string) {
    super(text)
    this.code = code
  }
}

/** One of ours. */
export function fault(name: keyof typeof codes, words: string): EngineFault {
  const code = codes[name]
  return new EngineFault(code, `Code: ${code}. DB::Exception: ${words}. (${name})`)
}

/** Whatever an operation threw. A full disk has many numbers, by who meets it; here it has one. */
export function faultOf(thrown: unknown): EngineFault {
  if (thrown instanceof EngineFault) return thrown
  const words = messageOf(thrown)
  if (isDiskFull(words)) return fault('NOT_ENOUGH_SPACE', `The disk is full: ${words}`)
  const [, code] = /^Code: (\d+)\./.exec(words) ?? []
  return code ? new EngineFault(Number(code), words) : fault('UNKNOWN_EXCEPTION', words)
}

/** Whether the disk was too full for an operation. */
export const isFull = (thrown: unknown): boolean => faultOf(thrown).code === codes.NOT_ENOUGH_SPACE

/** The same, by words. */
export const isDiskFull = (words: string): boolean =>
  /No space left on device|ENOSPC|NOT_ENOUGH_SPACE|Disk quota exceeded/.test(words)
