import { Fault } from '#lib/fault.ts'
import type { Flow } from '#model/flow.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pipeline } from '../../pipeline.ts'
import { drainCapture, openCapture } from '../captures.ts'
import { type Batch, HeldLines } from './held-lines.ts'
import { flowRoom, jsonFlow, jsonLine, roomFor, textFlow, textLine } from './lines.ts'
import type { Totals } from './totals.ts'

export interface ReadOptions {
  readonly json?: boolean
  readonly flows?: boolean
  readonly raw?: boolean
  readonly stats?: boolean
}

/** Which of all flows are read: those whose hash, with that seed, is `index` modulo `count`. */
export interface Share {
  readonly index: number
  readonly count: number
  readonly seed: number
}

/** Bytes of lines that all shares hold together. */
const heldMax = 1024 * 1024 * 1024

/** Reads a share of the flows of captures, one file after the other, and gives their lines. */
export function readShare(
  files: readonly string[],
  options: ReadOptions,
  share: Share,
  give: (batch: Batch) => void,
): Totals {
  const lines = new HeldLines(give, heldMax / share.count)
  const transactions: Record<string, number> = {}
  const warnings: string[] = []
  const write = options.json ? jsonLine : textLine
  const writeFlow = options.json ? jsonFlow : textFlow
  const told = (transaction: Transaction, flow: Flow) => {
    transactions[transaction.protocol] = (transactions[transaction.protocol] ?? 0) + 1
    if (options.flows) return
    write(lines.begin(transaction.startUs, roomFor(transaction)), transaction, flow)
    lines.end()
  }
  const toldFlow = (flow: Flow) => {
    writeFlow(lines.begin(flow.startUs, flowRoom), flow)
    lines.end()
  }
  const pipeline = new Pipeline({
    raw: options.raw ?? false,
    share,
    transaction: told,
    flow: options.flows ? toldFlow : undefined,
    fault: (protocol, reason) => warnings.push(`The ${protocol} decoder failed: ${reason}`),
  })
  const faults = files.flatMap(file => readFile(file, pipeline))
  pipeline.flush()
  lines.flush()
  const { packets, bytes, opened: flows, gaps, lostBytes } = pipeline.flows.counters
  return { packets, bytes, flows, gaps, lostBytes, transactions, faults, warnings }
}

/** Answers what is wrong with the file. */
function readFile(file: string, pipeline: Pipeline): string[] {
  try {
    const source = openCapture(file)
    drainCapture(
      source,
      packet => pipeline.add(packet),
      () => pipeline.tick(),
    )
    return source.fault === undefined ? [] : [source.fault]
  } catch (error) {
    if (error instanceof Fault) return [error.message]
    throw error
  }
}
