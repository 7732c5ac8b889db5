import { readFileSync } from 'node:fs'
import { endsOf } from './capture.ts'
import type { Comparison } from './comparison.ts'

export type Level = 'high' | 'medium' | 'low'

/** A transaction as the captures' reference has it; what of it is compared. Protocols have fields of their own. */
export interface Expected {
  readonly [field: string]: unknown
  readonly protocol: string
  readonly method: string | null
  readonly resource: string | null
  readonly status: string | number | null
  readonly ok: boolean
  readonly client: string
  readonly server: string
  readonly reqFirst?: number
  readonly orphanResponse?: boolean
  readonly oneway?: boolean
  readonly ambiguous?: boolean
  readonly confidence?: Level
}

/** What a capture holds, by the reference. */
export interface Expectation {
  readonly transactions: readonly Expected[]
  readonly flows: readonly {
    readonly client: string
    readonly server: string
    readonly appProtocol?: string | null
    readonly tsharkApps?: readonly string[]
  }[]
  readonly confidence: Readonly<Record<string, { readonly level: Level }>>
}

export function readExpectation(path: string): Expectation {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** Transactions that are to be compared: asked, answered or not, and not in doubt. */
export function comparable(
  { transactions, confidence }: Expectation,
  { reference, isCounted = () => true }: Comparison,
): Expected[] {
  if (confidence[reference]?.level !== 'high') return []
  return transactions.filter(
    one =>
      one.protocol === reference &&
      !one.orphanResponse &&
      !one.ambiguous &&
      one.confidence !== 'low' &&
      one.reqFirst !== undefined &&
      isCounted(one),
  )
}

/** Flows by their ends, with every name that the reference or tshark gives them. */
export function namesByEnds(expectation: Expectation): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const { client, server, appProtocol, tsharkApps } of expectation.flows) {
    const ends = endsOf(client, server)
    const known = names.get(ends) ?? new Set()
    for (const name of [appProtocol, ...(tsharkApps ?? [])]) if (name) known.add(name)
    names.set(ends, known)
  }
  for (const { client, server, protocol } of expectation.transactions) {
    const ends = endsOf(client, server)
    names.set(ends, (names.get(ends) ?? new Set()).add(protocol))
  }
  return names
}
