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

/** A frame as the reference lists it. */
export interface WebSocketFrame {
  readonly opcode: string
  readonly fin: boolean
  readonly closeCode?: number
  readonly dir: 'c2s' | 's2c'
  /** Seconds. */
  readonly ts: number
}

/** What a capture holds, by the reference. */
export interface Expectation {
  readonly transactions: readonly Expected[]
  readonly flows: readonly {
    readonly client: string
    readonly server: string
    readonly appProtocol?: string | null
    readonly tsharkApps?: readonly string[]
    /** What reference decoders found in it that is no transaction. */
    readonly decode?: { readonly websocket?: readonly WebSocketFrame[] }
  }[]
  readonly confidence: Readonly<Record<string, { readonly level: Level }>>
}

export function readExpectation(path: string): Expectation {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** All of a protocol. */
export function listed(expectation: Expectation, { reference, listed }: Comparison) {
  if (listed) return listed(expectation)
  return expectation.transactions.filter(({ protocol }) => protocol === reference)
}

/** Transactions that are to be compared: asked, answered or not, and not in doubt. */
export function comparable(expectation: Expectation, comparison: Comparison): Expected[] {
  const { reference, isCounted = () => true } = comparison
  const { level } = expectation.confidence[reference] ?? {}
  if (level !== 'high' && !comparison.listed) return []
  return listed(expectation, comparison).filter(
    one =>
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
