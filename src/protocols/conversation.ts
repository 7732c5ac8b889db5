import { isNobody } from '#lib/ip.ts'
import type { Flow, FlowEnd, FlowReader, OpenFlow } from '#model/flow.ts'
import { clientSide, otherSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { type Listener, Opening } from './opening.ts'
import type { Decoder, DecoderOptions, Protocol } from './protocol.ts'

export interface ConversationOptions extends DecoderOptions {
  /** A decoder threw: our fault. The flow goes on as bytes. */
  fault(protocol: string, reason: unknown): void
}

/** Gets each transaction, with the flow it ran on. */
export type TransactionSink = (transaction: Transaction, flow: Flow) => void

/**
 * Listens to one flow: finds the protocol it speaks, then gives its bytes to that protocol's decoder.
 * Sets `flow.protocol`; it stays undefined while nobody knows the bytes, and where nobody answers: what is said to a
 * multicast or broadcast address is no request. Never throws.
 */
export function converse(
  flow: OpenFlow,
  list: readonly Protocol[],
  done: TransactionSink,
  options: ConversationOptions,
): FlowReader {
  return new Conversation(flow, list, done, options)
}

/** At any time it has an opening (not recognised yet), a decoder, or neither: then the flow is bytes. */
class Conversation implements FlowReader, Listener {
  readonly #flow: OpenFlow
  readonly #list: readonly Protocol[]
  readonly #done: TransactionSink
  readonly #options: ConversationOptions
  #opening: Opening | undefined
  #decoder: Decoder | undefined

  constructor(
    flow: OpenFlow,
    list: readonly Protocol[],
    done: TransactionSink,
    options: ConversationOptions,
  ) {
    this.#flow = flow
    this.#list = list
    this.#done = done
    this.#options = options
    if (!isToNobody(flow)) this.#opening = new Opening(flow, list)
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    try {
      if (this.#decoder) this.#decode(side, bytes, start, end, timeUs)
      else if (this.#opening) this.#open(side, bytes, start, end, timeUs)
    } catch (reason) {
      this.#fail(reason)
    }
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    try {
      this.#opening?.gap(side, lengthBytes, timeUs)
      this.#decoder?.gap(side, lengthBytes, timeUs)
    } catch (reason) {
      this.#fail(reason)
    }
  }

  close(_end: FlowEnd, timeUs: number): void {
    try {
      this.#decoder?.close(timeUs)
    } catch (reason) {
      this.#fail(reason)
    }
    this.#leave()
  }

  #open(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const opening = this.#opening!
    const found = opening.look(side, bytes, start, end, timeUs)
    if (found && (found.asks === clientSide || this.#flow.swap())) {
      this.#recognise(found.protocol)
      const turned = found.asks !== clientSide
      opening.replay(this, turned)
      this.read(turned ? otherSide(side) : side, bytes, start, end, timeUs)
    } else if (found || opening.hopeless) this.#leave()
  }

  #recognise(protocol: Protocol): void {
    const flow = this.#flow
    flow.protocol = protocol.name
    this.#opening = undefined
    const done = (transaction: Transaction) => this.#done(transaction, flow)
    this.#decoder = protocol.open(done, this.#options, flow.transport)
  }

  #decode(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const decoder = this.#decoder!
    decoder.read(side, bytes, start, end, timeUs)
    if (decoder.lost) this.#disown()
    else if (decoder.handedOver) this.#handOver(side, bytes, decoder.restStart ?? end, end, timeUs)
  }

  /** What follows is another protocol's: begins anew with what the decoder left. */
  #handOver(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#decoder!.close(timeUs)
    this.#decoder = undefined
    this.#opening = new Opening(this.#flow, this.#list)
    if (start < end) this.#open(side, bytes, start, end, timeUs)
  }

  /** The decoder threw. Whatever it knew is in doubt. */
  #fail(reason: unknown): void {
    this.#options.fault(this.#flow.protocol ?? 'detection', reason)
    this.#disown()
  }

  /** The name was wrong: the flow is bytes. */
  #disown(): void {
    this.#flow.protocol = undefined
    this.#leave()
  }

  #leave(): void {
    this.#opening = undefined
    this.#decoder = undefined
  }
}

/** Only UDP goes to many: a TCP connection to such an address is one of a capture whose addresses were changed. */
function isToNobody({ transport, client, server }: Flow): boolean {
  return transport === 'udp' && (isNobody(client.ip) || isNobody(server.ip))
}
