import { readFileSync } from 'node:fs'
import { endsOf, type Seen } from './capture.ts'

export type Level = 'high' | 'medium' | 'low'

/** A transaction as the captures' reference has it; what of it is compared. */
export interface Expected {
  readonly protocol: string
  readonly method: string | null
  readonly resource: string | null
  readonly status: string | number | null
  readonly ok: boolean
  readonly client: string
  readonly server: string
  readonly reqFirst?: number
  readonly qtype?: string
  readonly orphanResponse?: boolean
  readonly oneway?: boolean
  readonly ambiguous?: boolean
  readonly confidence?: Level
  readonly error?: string
  readonly sqlstate?: string
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

/** Names of the reference for our protocols. */
export const referenceNames: Readonly<Record<string, string>> = {
  http: 'http',
  redis: 'redis',
  postgres: 'pgsql',
  dns: 'dns',
}

/** Transactions that are to be compared: asked, answered or not, and not in doubt. */
export function comparable(expectation: Expectation, protocol: string): Expected[] {
  const name = referenceNames[protocol]
  if (expectation.confidence[name]?.level !== 'high') return []
  return expectation.transactions.filter(
    one =>
      one.protocol === name &&
      !one.orphanResponse &&
      !one.ambiguous &&
      one.confidence !== 'low' &&
      one.reqFirst !== undefined,
  )
}

/** Fields that are compared, as both have them; undefined where the definitions differ. */
export type Field = 'method' | 'resource' | 'status' | 'outcome' | 'ends'
export const fields: readonly Field[] = ['method', 'resource', 'status', 'outcome', 'ends']

export function expectedField(one: Expected, field: Field): string | undefined {
  if (field === 'method') return expectedMethod(one)
  if (field === 'resource') return one.resource ?? ''
  if (field === 'status') return one.status === null ? '-' : String(one.status)
  if (field === 'outcome') return one.ok ? 'ok' : 'not ok'
  return `${one.client} > ${one.server}`
}

/** DNS: what is asked for, as one says it; PostgreSQL: the verb of the statement, which the reference has not. */
function expectedMethod(one: Expected): string | undefined {
  if (one.protocol === 'pgsql') return undefined
  if (one.protocol === 'dns' && one.method === 'QUERY') return one.qtype
  return one.method ?? ''
}

export function seenField(one: Seen, field: Field): string {
  if (field === 'method') return one.method
  if (field === 'resource') return one.resource
  if (field === 'status') return seenStatus(one)
  if (field === 'outcome') return one.outcome === 'ok' ? 'ok' : 'not ok'
  return `${one.client} > ${one.server}`
}

/** Redis and PostgreSQL errors have a code here, there they are all `ERROR`. */
function seenStatus({ protocol, status, outcome }: Seen): string {
  if (status === undefined) return '-'
  const coded = protocol === 'redis' || protocol === 'postgres'
  return coded && outcome !== 'ok' ? 'ERROR' : status
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
