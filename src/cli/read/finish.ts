import { Fault } from '#lib/fault.ts'
import type { ReadOptions } from './share.ts'
import type { Totals } from './totals.ts'

/** Where output goes. */
export interface Output {
  /** Whole lines. */
  print(bytes: Uint8Array): void
  warn(text: string): void
}

/** What follows the lines: warnings, totals; then throws a `Fault` where something is wrong with the files. */
export function finish(
  totals: Totals,
  { stats, json }: ReadOptions,
  seconds: number,
  late: number,
  { print, warn }: Output,
): void {
  for (const warning of totals.warnings) warn(warning)
  if (late > 0) warn(`${late} lines are out of order: too many were waiting.`)
  if (stats) print(Buffer.from(json ? jsonStats(totals, seconds) : textStats(totals, seconds)))
  if (totals.faults.length > 0) throw new Fault(totals.faults.join(' '))
}

function jsonStats(totals: Totals, seconds: number): string {
  const { packets, bytes, flows, gaps, lostBytes } = totals
  const transactions = Object.fromEntries(Object.entries(totals.transactions).sort())
  const packetsPerSecond = Math.round(packets / seconds)
  const stats = { packets, bytes, seconds, packetsPerSecond, flows, transactions, gaps, lostBytes }
  return `${JSON.stringify({ stats })}\n`
}

function textStats(totals: Totals, seconds: number): string {
  const { packets, bytes, flows, gaps, lostBytes, transactions } = totals
  const perProtocol = Object.entries(transactions)
    .sort()
    .map(([name, count]) => `  ${name}: ${count}\n`)
  return (
    `packets: ${packets}\nbytes: ${bytes}\nseconds: ${seconds.toFixed(3)}\n` +
    `packets per second: ${Math.round(packets / seconds)}\nflows: ${flows}\n` +
    `transactions:\n${perProtocol.join('')}gaps: ${gaps} (${lostBytes} bytes)\n`
  )
}
