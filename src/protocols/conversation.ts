import { Interners } from '#lib/intern.ts'
import { isNobody } from '#lib/ip.ts'
import type { Flow, FlowEnd, FlowReader, OpenFlow } from '#model/flow.ts'
import { clientSide, otherSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { type Listener, Opening } from './opening.ts'
import { prefaceLength } from './preface.ts'
import type { Decoder, DecoderOptions, Handover, Protocol } from './protocol.ts'
import { Socks, socksOpening } from './socks.ts'

/** Bytes that all flows may keep, of half-read frames and such. */
const heldMax = 32 * 1024 * 1024
/** A flow that keeps less is never left for it. */
const heldFair = 4096
/** Times a flow may be handed over: from a tunnel to what runs in it, from that to its upgrade. */
const handoversMax = 8

/** What all conversations share. */
export interface ConversationOptions extends DecoderOptions {
  /** A decoder threw: our fault. The flow goes on as bytes. */
  fault(protocol: string, reason: unknown): void
  readonly held: Held
}

/** What all flows keep together, and the limit: a flow that would keep more goes on as bytes. */
export interface Held {
  bytes: number
  readonly bytesMax: number
  /** Flows left for it. */
  refused: number
}

/** Options for all flows of a process: made once. */
export function shareOptions(own: Pick<ConversationOptions, 'raw' | 'fault'>): ConversationOptions {
  const { raw } = own
  const fault = (protocol: string, reason: unknown) => own.fault(protocol, reason)
  return {
    raw,
    fault,
    interners: new Interners(),
    held: { bytes: 0, bytesMax: heldMax, refused: 0 },
  }
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
  #begun = false
  /** What is said now is between the client and a proxy. */
  #socks: Socks | undefined
  #heldBytes = 0
  #handovers = 0

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
      else if (this.#opening) this.#begin(side, bytes, start, end, timeUs)
      this.#weigh()
    } catch (reason) {
      this.#fail(reason)
    }
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    try {
      if (this.#socks) this.#leave()
      this.#opening?.gap(side, lengthBytes, timeUs)
      this.#decoder?.gap(side, lengthBytes, timeUs)
    } catch (reason) {
      this.#fail(reason)
    }
  }

  close(end: FlowEnd, timeUs: number): void {
    try {
      // of a flow that was put out for want of room, the end is not known: what waits may yet be answered
      if (end !== 'evicted') this.#decoder?.close(timeUs, end)
    } catch (reason) {
      this.#fail(reason)
    }
    this.#leave()
  }

  /** The first bytes of a flow may be a proxy's, about the client whose bytes follow. */
  #begin(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const own = this.#begun
      ? this.#passSocks(side, bytes, start, end)
      : this.#passPreface(side, bytes, start, end)
    if (own < 0) this.#leave()
    else if (own < end) this.#open(side, bytes, own, end, timeUs)
  }

  #passPreface(side: Side, bytes: Uint8Array, start: number, end: number): number {
    this.#begun = true
    const own = start + prefaceLength(bytes, start, end)
    if (side !== clientSide || this.#flow.state !== 'open') return own
    const stage = socksOpening(bytes, own, end)
    if (stage === undefined) return own
    this.#socks = new Socks(stage)
    return end
  }

  #passSocks(side: Side, bytes: Uint8Array, start: number, end: number): number {
    if (!this.#socks) return start
    const own = this.#socks.read(side, bytes, start, end)
    if (this.#socks.isOver) this.#socks = undefined
    return own
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

  #recognise(protocol: Protocol, from?: Handover): void {
    const flow = this.#flow
    flow.protocol = protocol.name
    this.#opening = undefined
    const done = (transaction: Transaction) => this.#done(transaction, flow)
    const { method, resource } = from ?? {}
    const options = from ? { ...this.#options, method, resource } : this.#options
    this.#decoder = protocol.open(done, options, flow.transport)
  }

  #decode(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const decoder = this.#decoder!
    decoder.read(side, bytes, start, end, timeUs)
    if (decoder.lost) this.#disown()
    else if (decoder.handover) this.#handOver(decoder.handover, side, bytes, end, timeUs)
    else if (decoder.carries !== undefined) this.#flow.protocol = decoder.carries
  }

  /** What follows is another protocol's: begins anew with what the decoder left. */
  #handOver(to: Handover, side: Side, bytes: Uint8Array, end: number, timeUs: number): void {
    this.#decoder!.close(timeUs)
    this.#decoder = undefined
    if (++this.#handovers > handoversMax) return
    const next = this.#list.find(protocol => protocol.name === to.protocol)
    if (next) this.#recognise(next, to)
    else this.#opening = new Opening(this.#flow, this.#list)
    if (to.restStart < end) this.read(side, bytes, to.restStart, end, timeUs)
  }

  /** Keeps the account of what is kept, and leaves the flow when it is too much. */
  #weigh(): void {
    const heldBytes = this.#decoder?.heldBytes ?? this.#opening?.heldBytes ?? 0
    if (heldBytes === this.#heldBytes) return
    const { held } = this.#options
    held.bytes += heldBytes - this.#heldBytes
    const grew = heldBytes > this.#heldBytes
    this.#heldBytes = heldBytes
    if (!grew || heldBytes <= heldFair || held.bytes <= held.bytesMax) return
    held.refused++
    this.#disown()
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
    this.#socks = undefined
    this.#options.held.bytes -= this.#heldBytes
    this.#heldBytes = 0
  }
}

/** Only UDP goes to many: a TCP connection to such an address is one of a capture whose addresses were changed. */
function isToNobody({ transport, client, server }: Flow): boolean {
  return transport === 'udp' && (isNobody(client.ip) || isNobody(server.ip))
}
