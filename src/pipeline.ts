import { type FlowShare, Flows } from '#flows/flows.ts'
import type { Limits } from '#flows/limits.ts'
import type { Flow, FlowEnd, FlowReader, OpenFlow } from '#model/flow.ts'
import type { Packet } from '#model/packet.ts'
import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { type ConversationOptions, converse, shareOptions } from '#protocols/conversation.ts'
import { protocols } from '#protocols/index.ts'
import type { FlowTally, Windows } from '#windows/windows.ts'

export interface PipelineOptions {
  /** Literals and values are kept. */
  readonly raw: boolean
  /** Limits of flows that are not the default ones. */
  readonly limits?: Partial<Limits>
  /** Only these flows; others read the rest. Default: all. */
  readonly share?: FlowShare
  /** Gets each transaction, with its flow. */
  transaction?(transaction: Transaction, flow: Flow): void
  /** Gets each flow when it is over. */
  flow?(flow: Flow, end: FlowEnd): void
  /** Counts all of it. */
  readonly windows?: Windows
  /** A decoder threw: our fault. */
  fault(protocol: string, reason: unknown): void
}

/** packet -> flow -> transaction -> window, joined. Give it packets. */
export class Pipeline {
  readonly flows: Flows
  readonly #options: PipelineOptions
  readonly #conversation: ConversationOptions
  readonly #tallies = new Map<number, FlowTally>()
  #lastUs = 0

  constructor(options: PipelineOptions) {
    this.#options = options
    this.#conversation = shareOptions(options)
    this.flows = new Flows({ ...options.limits, ...options.share, open: flow => this.#open(flow) })
  }

  add(packet: Packet): void {
    this.#lastUs = packet.timeUs
    this.flows.add(packet)
  }

  /** Lets time pass up to the last packet: what waited for too long is over. */
  tick(): void {
    this.flows.tick(this.#lastUs)
  }

  /** No more packets: everything is over. */
  flush(): void {
    this.flows.flush(this.#lastUs)
  }

  /** Adds the traffic of all flows to the windows; call it before they are taken. */
  measure(): void {
    this.flows.visit(flow => this.#tallies.get(flow.id)?.measure())
  }

  #open(flow: OpenFlow): FlowReader {
    const { windows, transaction: told } = this.#options
    const tally = windows?.open(flow)
    if (tally) this.#tallies.set(flow.id, tally)
    const done = (transaction: Transaction) => {
      tally?.add(transaction)
      told?.(transaction, flow)
    }
    const reader = converse(flow, protocols, done, this.#conversation)
    return new Watched(reader, (end, timeUs) => this.#close(flow, tally, end, timeUs))
  }

  #close(flow: Flow, tally: FlowTally | undefined, end: FlowEnd, timeUs: number): void {
    if (tally) {
      if (end === 'refused' || end === 'unanswered') tally.failed(attempt(flow, end, timeUs))
      tally.close()
      this.#tallies.delete(flow.id)
    }
    this.#options.flow?.(flow, end)
  }
}

/** A conversation whose end is told. */
class Watched implements FlowReader {
  readonly #reader: FlowReader
  readonly #closed: (end: FlowEnd, timeUs: number) => void

  constructor(reader: FlowReader, closed: (end: FlowEnd, timeUs: number) => void) {
    this.#reader = reader
    this.#closed = closed
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#reader.read(side, bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#reader.gap(side, lengthBytes, timeUs)
  }

  close(end: FlowEnd, timeUs: number): void {
    this.#reader.close(end, timeUs)
    this.#closed(end, timeUs)
  }
}

/** A connection attempt that failed, as a line of the link's log. */
function attempt(flow: Flow, status: 'refused' | 'unanswered', timeUs: number): Transaction {
  return {
    protocol: flow.transport,
    method: 'CONNECT',
    resource: `port ${flow.server.port}`,
    status,
    outcome: 'error',
    startUs: flow.startUs,
    durationUs: timeUs - flow.startUs,
    requestBytes: 0,
    responseBytes: 0,
    gap: false,
  }
}
