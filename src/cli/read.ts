import { writeSync } from 'node:fs'
import type { Command } from 'commander'
import { Fault } from '#lib/fault.ts'
import type { Flow } from '#model/flow.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pipeline } from '../pipeline.ts'
import { drainCapture, openCapture } from './captures.ts'
import { createTimeFormat, jsonFlow, jsonLine, textFlow, textLine } from './lines.ts'
import { Ordered } from './ordered.ts'

export interface ReadOptions {
  readonly json?: boolean
  readonly flows?: boolean
  readonly raw?: boolean
  readonly stats?: boolean
}

export function addRead(program: Command): void {
  program
    .command('read')
    .description('Decodes capture files (pcap, pcapng, gzip) and prints one transaction a line.')
    .argument('<file...>', 'capture files, in order of their time; - is standard input')
    .option('--json', 'one JSON object a line')
    .option('--flows', 'print flows instead of transactions')
    .option('--raw', 'keep literals and values; by default they are replaced')
    .option('--stats', 'end with packets, bytes, seconds, transactions per protocol, gaps')
    .action((files: readonly string[], options: ReadOptions) =>
      readCaptures(files, options, { print, warn }),
    )
}

/** Where output goes. */
export interface Output {
  /** Whole lines. */
  print(bytes: Uint8Array): void
  warn(text: string): void
}

/**
 * What `inkling read` does. Files are read one after the other as one capture, so that a ring of files reads like one.
 * Throws a `Fault` that names what is wrong with them, after all that could be read was printed.
 */
export function readCaptures(
  files: readonly string[],
  options: ReadOptions,
  { print, warn }: Output,
): void {
  const lines = new Ordered(print)
  const time = createTimeFormat()
  const totals = new Map<string, number>()
  const told = (transaction: Transaction, flow: Flow) => {
    totals.set(transaction.protocol, (totals.get(transaction.protocol) ?? 0) + 1)
    if (options.flows) return
    const { client, server } = flow
    const format = options.json ? jsonLine : textLine
    lines.add(transaction.startUs, format({ transaction, client, server, time }))
  }
  const toldFlow = (flow: Flow) =>
    lines.add(flow.startUs, options.json ? jsonFlow(flow, time) : textFlow(flow, time))
  const pipeline = new Pipeline({
    raw: options.raw ?? false,
    transaction: told,
    flow: options.flows ? toldFlow : undefined,
    fault: (protocol, reason) => warn(`The ${protocol} decoder failed: ${reason}`),
  })
  const startMs = performance.now()
  const faults = files.flatMap(file => readFile(file, pipeline))
  pipeline.flush()
  const seconds = (performance.now() - startMs) / 1000
  lines.flush()
  if (lines.late > 0) warn(`${lines.late} lines are out of order: too many were waiting.`)
  if (options.stats) print(statsOf(pipeline, totals, seconds, options.json ?? false))
  if (faults.length > 0) throw new Fault(faults.join(' '))
}

/** Answers what is wrong with the file; what it has is read all the same. */
function readFile(file: string, pipeline: Pipeline): string[] {
  const source = openCapture(file)
  drainCapture(
    source,
    packet => pipeline.add(packet),
    () => pipeline.tick(),
  )
  return source.fault === undefined ? [] : [source.fault]
}

function statsOf(
  pipeline: Pipeline,
  transactions: ReadonlyMap<string, number>,
  seconds: number,
  isJson: boolean,
): Uint8Array {
  const { packets, bytes, gaps, lostBytes, opened } = pipeline.flows.counters
  const packetsPerSecond = Math.round(packets / seconds)
  const stats = {
    ...{ packets, bytes, seconds, packetsPerSecond, flows: opened },
    transactions: Object.fromEntries([...transactions].sort()),
    ...{ gaps, lostBytes },
  }
  const perProtocol = [...transactions].sort().map(([name, count]) => `  ${name}: ${count}\n`)
  const text =
    `packets: ${packets}\nbytes: ${bytes}\nseconds: ${seconds.toFixed(3)}\n` +
    `packets per second: ${packetsPerSecond}\nflows: ${opened}\n` +
    `transactions:\n${perProtocol.join('')}gaps: ${gaps} (${lostBytes} bytes)\n`
  return Buffer.from(isJson ? `${JSON.stringify({ stats })}\n` : text)
}

/** Synchronous, so that output that nobody reads holds the reading back instead of filling the memory. */
function print(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += write(bytes, at)
}

function write(bytes: Uint8Array, at: number): number {
  try {
    return writeSync(1, bytes, at)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return 0
    if (code === 'EPIPE') process.exit(0)
    throw new Fault(`Cannot write the output: ${message}.`)
  }
}

function warn(text: string): void {
  process.stderr.write(`inkling: ${text}\n`)
}
