import { openPcapFile } from '#capture/pcap-file/index.ts'
import { type Endpoint, format } from '#model/endpoint.ts'
import type { Flow } from '#model/flow.ts'
import type { Transaction } from '#model/transaction.ts'
import { Pipeline } from '../../src/pipeline.ts'

/** A transaction with the ends of its flow. */
export interface Seen extends Transaction {
  readonly client: string
  readonly server: string
}

/** What a capture file holds, as Inkling reads it with literals kept. */
export interface Reading {
  readonly transactions: readonly Seen[]
  readonly flows: readonly { readonly protocol: string; readonly ends: string }[]
  /** Decoders that threw. */
  readonly faults: readonly string[]
}

/** Reads a capture file through the whole of the pipeline. */
export function readCapture(path: string): Reading {
  const found: { transaction: Transaction; flow: Flow }[] = []
  const flows: Reading['flows'][number][] = []
  const faults: string[] = []
  const pipeline = new Pipeline({
    raw: true,
    transaction: (transaction, flow) => found.push({ transaction, flow }),
    flow: ({ protocol, client, server }) => {
      if (protocol) flows.push({ protocol, ends: endsOf(format(client), format(server)) })
    },
    fault: (protocol, reason) => faults.push(`${protocol}: ${reason}`),
  })
  const source = openPcapFile(path)
  while (!source.ended) source.drain(packet => pipeline.add(packet), 4096)
  source.close()
  pipeline.flush()
  const transactions = found
    .map(({ transaction, flow }) => ({
      ...transaction,
      client: text(flow.client),
      server: text(flow.server),
    }))
    .sort((a, b) => a.startUs - b.startUs)
  return { transactions, flows, faults }
}

const text = (endpoint: Endpoint) => format(endpoint)

/** The same for both directions. */
export function endsOf(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
