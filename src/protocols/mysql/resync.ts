import { codes, commands } from './commands.ts'
import { headBytes, lengthAt, marks } from './packet.ts'
import { statementStart } from './query.ts'

/** Packets in a row that prove their place without the end of the segment. */
const chainMin = 4

/** What may stand at a place. `begun`: nothing speaks against it yet, and there are no more bytes. */
export type Guess = 'whole' | 'begun' | 'no'

/** Whether a command stands at `at`. */
export function guessCommand(bytes: Uint8Array, at: number, end: number): Guess {
  if (end - at > 3 && bytes[at + 3] !== 0) return 'no'
  if (end - at <= headBytes) return 'begun'
  const command = commands[bytes[at + headBytes]]
  const length = lengthAt(bytes, at)
  if (!command || length < command.least || length > command.greatest) return 'no'
  const past = at + headBytes + length
  if (command.subject === 'statement' && !isText(bytes, at, Math.min(past, end))) return 'no'
  return past <= end ? 'whole' : 'begun'
}

/** Statements begin with a letter, space, a comment or a parenthesis; an empty one is an error, but one. */
function isText(bytes: Uint8Array, at: number, end: number): boolean {
  const content = at + headBytes + 1
  const code = bytes[at + headBytes]
  const start = code === codes.query ? statementStart(bytes, content, end) : content
  if (start >= end) return true
  const byte = bytes[start]
  // the number of attributes
  if (start === content && byte < 9 && code === codes.query) return end - content < 2
  return isTextByte(byte)
}

const isTextByte = (byte: number): boolean =>
  ((byte | 32) >= 97 && (byte | 32) <= 122) ||
  (byte >= 9 && byte <= 13) ||
  [0x20, 0x28, 0x2d, 0x2f, 0x23, 0x3b, 0x7b].includes(byte)

/** Index at which a command surely begins, or, at `start`, may begin; -1: nowhere. */
export function findCommand(bytes: Uint8Array, start: number, end: number): number {
  if (guessCommand(bytes, start, end) !== 'no') return start
  for (let at = start + 1; at < end - headBytes; at++) if (endsWhole(bytes, at, end)) return at
  return -1
}

/** Whether commands follow each other from `at` to the end of the bytes. */
export function endsWhole(bytes: Uint8Array, at: number, end: number): boolean {
  let next = at
  for (let i = 0; i < chainMin && next < end; i++) {
    if (guessCommand(bytes, next, end) !== 'whole') return false
    next += headBytes + lengthAt(bytes, next)
  }
  return next === end
}

/** Index at which a packet of the server surely begins, or, at `start`, may begin; -1: nowhere. */
export function findPacket(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= headBytes) return start
  for (let at = start; at < end - headBytes; at++) {
    const { count, whole } = chain(bytes, at, end)
    if (count >= chainMin || (whole && (count > 1 || isTelling(bytes, at)))) return at
    if (at === start && isTelling(bytes, at)) return at
  }
  return -1
}

/** Packets whose numbers follow each other from `at`. `whole`: they end where the bytes do. */
function chain(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly count: number; readonly whole: boolean } {
  let at = start
  let count = 0
  const number = bytes[start + 3]
  while (count < chainMin && end - at > headBytes) {
    const length = lengthAt(bytes, at)
    if (length === 0 || bytes[at + 3] !== ((number + count) & 0xff)) break
    if (at + headBytes + length > end) break
    at += headBytes + length
    count++
  }
  return { count, whole: at === end }
}

/** Whether the packet at `at` is one that begins or ends an answer. */
function isTelling(bytes: Uint8Array, at: number): boolean {
  const length = lengthAt(bytes, at)
  const first = bytes[at + headBytes]
  if (bytes[at + 3] === 0) return false
  if (first === marks.error) return length >= 9 && length < 1024
  if (first === marks.end) return length === 5
  if (bytes[at + 3] !== 1) return false
  return first === marks.ok ? length >= 7 && length < 1024 : length === 1
}
