// How fast each protocol is decoded on one core: flows of 100 transactions from segments in memory, through detection
// and the whole conversation. Prints one JSON line a protocol: medians of 5 runs. Arguments: only these protocols.
import { existsSync, readFileSync } from 'node:fs'
import { converse, shareOptions } from '#protocols/conversation.ts'
import { protocols } from '#protocols/index.ts'
import { flowOf, type Piece, parseTalk, type Talk } from '#protocols/talk.ts'
import { median } from './figures.ts'

const runs = 5
const runMs = 400
const perFlow = 100

const folder = new URL('exchanges/', import.meta.url)

/** A flow, and how many transactions it holds. */
interface Exercise {
  readonly talk: Talk
  readonly pieces: readonly Piece[]
  readonly transactions: number
}

/**
 * `NAME.opening.talk`, if there is one, opens a connection, and `NAME.talk` is one exchange in it, which is one
 * transaction; or `NAME.flow.talk` is a whole connection, which is one.
 */
function exerciseOf(name: string): Exercise {
  const whole = talkOf(`${name}.flow`)
  if (whole) return { talk: whole, pieces: whole.pieces, transactions: 1 }
  const opening = talkOf(`${name}.opening`)?.pieces ?? []
  const talk = talkOf(name)
  if (!talk) throw new Error(`bench/exchanges has no exchange of ${name}`)
  const exchanges = Array<readonly Piece[]>(perFlow).fill(talk.pieces).flat()
  return { talk, pieces: [...opening, ...exchanges], transactions: perFlow }
}

function talkOf(name: string): Talk | undefined {
  const file = new URL(`${name}.talk`, folder)
  return existsSync(file) ? parseTalk(readFileSync(file, 'utf8')) : undefined
}

const names = protocols.map(protocol => protocol.name)
const chosen = process.argv.length > 2 ? process.argv.slice(2) : names

for (const name of chosen) {
  const exercise = exerciseOf(name)
  const bytes =
    exercise.pieces.reduce((sum, piece) => sum + piece.bytes.length, 0) / exercise.transactions
  measure(name, exercise)
  const found = Array.from({ length: runs }, () => measure(name, exercise))
  const perSecond = median(found)
  console.log(
    JSON.stringify({
      bench: 'protocols',
      protocol: name,
      transactionsPerSecond: Math.round(perSecond),
      mbPerSecond: Math.round((perSecond * bytes) / 1e6),
      bytesPerTransaction: Math.round(bytes),
    }),
  )
}

/** Transactions per second of processor time, so that a busy machine does not matter; fails when the decoder misses any. */
function measure(name: string, { talk, pieces, transactions: perFlow }: Exercise): number {
  let transactions = 0
  let flows = 0
  const options = shareOptions({ raw: false, fault: fail })
  const start = process.cpuUsage()
  let tookMs = 0
  while (tookMs < runMs) {
    for (let i = 0; i < 20; i++) {
      const reader = converse(flowOf(talk, 1), protocols, () => transactions++, options)
      for (const { side, bytes, timeUs } of pieces)
        reader.read(side, bytes, 0, bytes.length, timeUs)
      reader.close('ended', 0)
      flows++
    }
    const { user, system } = process.cpuUsage(start)
    tookMs = (user + system) / 1000
  }
  if (transactions < flows * perFlow) fail(name, `${transactions} of ${flows * perFlow}`)
  return (transactions / tookMs) * 1000
}

function fail(protocol: string, reason: unknown): never {
  throw new Error(`${protocol}: ${reason}`)
}
