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

/** What opens a connection (if anything), and then one exchange, which is one transaction. */
function exchangeOf(name: string): { readonly opening: Talk; readonly exchange: Talk } {
  const opening = new URL(`${name}.opening.talk`, folder)
  return {
    opening: parseTalk(existsSync(opening) ? readFileSync(opening, 'utf8') : ''),
    exchange: parseTalk(readFileSync(new URL(`${name}.talk`, folder), 'utf8')),
  }
}

const names = protocols.map(protocol => protocol.name)
const chosen = process.argv.length > 2 ? process.argv.slice(2) : names

for (const name of chosen) {
  const { opening, exchange: talk } = exchangeOf(name)
  const flow = [...opening.pieces, ...Array(perFlow).fill(talk.pieces).flat()]
  const bytes = flow.reduce((sum: number, piece: Piece) => sum + piece.bytes.length, 0)
  measure(name, talk, flow)
  const found = Array.from({ length: runs }, () => measure(name, talk, flow))
  const perSecond = median(found)
  const mbPerSecond = ((perSecond / perFlow) * bytes) / 1e6
  console.log(
    JSON.stringify({
      bench: 'protocols',
      protocol: name,
      transactionsPerSecond: Math.round(perSecond),
      mbPerSecond: Math.round(mbPerSecond),
      bytesPerTransaction: Math.round(bytes / perFlow),
    }),
  )
}

/** Transactions per second of processor time, so that a busy machine does not matter; fails when the decoder misses any. */
function measure(name: string, talk: Talk, pieces: readonly Piece[]): number {
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
