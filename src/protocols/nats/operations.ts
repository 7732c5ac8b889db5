/** An operation: the word with which a line begins. */
export interface Operation {
  readonly name: string
  /** Who says it. Servers among themselves (routes, gateways, leaf nodes) both say all of theirs. */
  readonly from: 'client' | 'server' | 'both'
  /** Lengths that end its line, of what follows the line: none, the payload's, or the headers' and with them all. */
  readonly lengths: 0 | 1 | 2
  /** Other words on its line, at least and at most; those of servers among themselves may name any number of queues. */
  readonly wordsMin: number
  readonly wordsMax: number
}

/** Longest word. */
const letterMax = 7
/** Words of a line that are believed. */
export const wordsMax = 64

/** https://docs.nats.io/reference/reference-protocols/nats-protocol, and between servers nats-server-protocol there. */
const operations: readonly Operation[] = (
  [
    ['both', 'INFO', 0, 1, wordsMax],
    ['both', 'CONNECT', 0, 1, wordsMax],
    ['client', 'PUB', 1, 2, 3],
    ['client', 'HPUB', 2, 3, 4],
    ['client', 'SUB', 0, 2, 3],
    ['client', 'UNSUB', 0, 1, 2],
    ['server', 'MSG', 1, 3, 4],
    ['both', 'HMSG', 2, 3, wordsMax],
    ['both', 'PING', 0, 0, 0],
    ['both', 'PONG', 0, 0, 0],
    ['server', '+OK', 0, 0, 0],
    ['both', '-ERR', 0, 0, wordsMax],
    ['both', 'RMSG', 1, 2, wordsMax],
    ['both', 'RS+', 0, 1, 4],
    ['both', 'RS-', 0, 1, 3],
    ['both', 'LMSG', 1, 2, wordsMax],
    ['both', 'LS+', 0, 1, 5],
    ['both', 'LS-', 0, 1, 4],
    ['both', 'A+', 0, 1, 1],
    ['both', 'A-', 0, 1, 1],
  ] as const
).map(([from, name, lengths, least, most]) => ({
  name,
  from,
  lengths,
  wordsMin: least,
  wordsMax: most,
}))

/** Characters from space to `_` in six bits each: a word of seven is an exact number. */
const append = (number: number, upper: number) => number * 64 + (upper - 0x20)

const byNumber = new Map(
  operations.map(one => [
    [...Buffer.from(one.name)].reduce((number, byte) => append(number, byte), 0),
    one,
  ]),
)

/** The operation whose word begins at `at`; `begun`: it may be one when more bytes come. */
export function operationAt(
  bytes: Uint8Array,
  at: number,
  end: number,
): Operation | 'begun' | undefined {
  const stop = Math.min(end, at + letterMax + 1)
  let number = 0
  let i = at
  for (; i < stop; i++) {
    const byte = bytes[i]
    if (byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a) {
      return byNumber.get(number)
    }
    const upper = byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte
    if (upper < 0x2b || upper > 0x5a) return undefined
    number = append(number, upper)
  }
  return i === end && mayBecome(bytes, at, end) ? 'begun' : undefined
}

function mayBecome(bytes: Uint8Array, at: number, end: number): boolean {
  const text = Buffer.from(bytes.subarray(at, end)).toString('latin1').toUpperCase()
  return operations.some(({ name }) => name.startsWith(text))
}
