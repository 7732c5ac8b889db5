import { readHere } from '#cli/read/here.ts'
import type { ReadOptions } from '#cli/read/share.ts'
import { type Endpoint, format } from '#model/endpoint.ts'
import type { Transaction } from '#model/transaction.ts'

/** A transaction with the ends of its flow, as `inkling read --json --raw` prints it. */
export interface Seen
  extends Pick<
    Transaction,
    'protocol' | 'method' | 'resource' | 'status' | 'outcome' | 'durationUs' | 'gap'
  > {
  readonly startUs: number
  readonly client: string
  readonly server: string
}

/** What a capture file holds, as `inkling read` prints it. */
export interface Reading {
  readonly transactions: readonly Seen[]
  readonly flows: readonly { readonly protocol: string; readonly ends: string }[]
  /** Decoders that threw, and what else was warned of. */
  readonly faults: readonly string[]
}

type Line = Omit<Seen, 'client' | 'server' | 'startUs'> & {
  readonly start: string
  readonly client: Endpoint
  readonly server: Endpoint
}

/** Reads a capture file with literals kept. What the file itself lacks is no fault here. */
export function readCapture(path: string): Reading {
  const faults: string[] = []
  const read = (options: ReadOptions) =>
    linesOf(path, { json: true, raw: true, ...options }, faults)
  const transactions = (read({}) as Line[]).map(line => ({
    ...line,
    startUs: microseconds(line.start),
    client: format(line.client),
    server: format(line.server),
  }))
  const flows = (read({ flows: true }) as Line[])
    .filter(({ protocol }) => protocol)
    .map(({ protocol, client, server }) => ({
      protocol,
      ends: endsOf(format(client), format(server)),
    }))
  return { transactions, flows, faults }
}

function linesOf(path: string, options: ReadOptions, faults: string[]): unknown[] {
  const chunks: Buffer[] = []
  try {
    readHere([path], options, {
      print: bytes => chunks.push(Buffer.from(bytes)),
      warn: text => faults.push(text),
    })
  } catch (error) {
    if (!(error instanceof Error && error.name === 'Fault')) throw error
  }
  const text = Buffer.concat(chunks).toString().trimEnd()
  return text === '' ? [] : text.split('\n').map(line => JSON.parse(line))
}

/** `2026-01-01T00:00:00.000001Z` in microseconds: JavaScript's own dates end at milliseconds. */
function microseconds(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26))
}

/** The same for both directions. */
export function endsOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
