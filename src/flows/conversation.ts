import type { Endpoint } from '#model/endpoint.ts'
import type {
  FlowEnd,
  FlowReader,
  FlowState,
  Local,
  OpenFlow,
  Sent,
  Transport,
} from '#model/flow.ts'
import { type Direction, incoming, outgoing, type Packet } from '#model/packet.ts'
import { clientSide, otherSide, serverSide } from '#model/side.ts'
import { Ends } from './ends.ts'
import type { FlowKey } from './flow-key.ts'
import { Stream } from './stream.ts'

/** What is known of a flow when it is opened. */
export interface Opening {
  readonly id: number
  readonly transport: Transport
  readonly begins: Beginning
}

/** How the first packet begins a flow. */
export interface Beginning {
  readonly state: FlowState
  /** Its sender is the client. */
  readonly isFromClient: boolean
  /** The roles are proved by a handshake; otherwise ports hint at them. */
  readonly isCertain: boolean
}

/**
 * A flow in the table. `low` and `high` are its ends in the order of its key, which a swap of roles leaves alone. What
 * every packet touches comes first. Numbers that are no small integers begin as 0: begun as undefined, V8 would box
 * each new value.
 */
export class Conversation implements OpenFlow {
  lastUs = 0
  readonly low: Stream
  readonly high: Stream
  end: FlowEnd | undefined = undefined
  state: FlowState
  /** Something happened since the last visit. */
  isChanged = true
  /** Streams of this flow that hold early segments. */
  holding = 0
  reader: FlowReader | undefined = undefined
  /** Slot in the table; -1 once removed. */
  slot: number
  readonly hash: number
  readonly id: number
  readonly transport: Transport
  readonly namespace: number
  readonly startUs: number = 0
  readonly sent: [Sent, Sent]
  connectUs: number | undefined = undefined
  protocol: string | undefined = undefined
  endUs = 0
  readonly #isCertain: boolean
  readonly #isLowLocal: boolean
  readonly #isHighLocal: boolean
  readonly #ends: Ends

  constructor(opening: Opening, packet: Packet, key: FlowKey, slot: number) {
    const isClientLow = opening.begins.isFromClient === key.fromLow
    this.id = opening.id
    this.transport = opening.transport
    this.namespace = packet.namespace
    this.startUs = packet.timeUs
    this.lastUs = packet.timeUs
    this.state = opening.begins.state
    this.low = new Stream(isClientLow ? clientSide : serverSide)
    this.high = new Stream(isClientLow ? serverSide : clientSide)
    this.sent = isClientLow ? [this.low, this.high] : [this.high, this.low]
    this.slot = slot
    this.hash = key.hash
    this.#isCertain = opening.begins.isCertain
    this.#isLowLocal = isLocal(packet, key.fromLow ? outgoing : incoming)
    this.#isHighLocal = isLocal(packet, key.fromLow ? incoming : outgoing)
    this.#ends = new Ends(key)
  }

  get client(): Endpoint {
    return this.low.side === clientSide ? this.#ends.low : this.#ends.high
  }

  get server(): Endpoint {
    return this.low.side === serverSide ? this.#ends.low : this.#ends.high
  }

  get local(): Local {
    if (this.#isLowLocal && this.#isHighLocal) return 'both'
    if (!this.#isLowLocal && !this.#isHighLocal) return 'unknown'
    return this.#isLowLocal === (this.low.side === clientSide) ? 'client' : 'server'
  }

  peerOf(stream: Stream): Stream {
    return stream === this.low ? this.high : this.low
  }

  swap(): boolean {
    if (this.#isCertain) return false
    this.low.side = otherSide(this.low.side)
    this.high.side = otherSide(this.high.side)
    this.sent.reverse()
    return true
  }

  /** Ends it and tells the reader, who gets nothing more. Idle and evicted connections keep the state they had. */
  close(end: FlowEnd, timeUs: number): void {
    this.end = end
    this.endUs = timeUs
    this.isChanged = true
    if (end !== 'idle' && end !== 'evicted') this.state = end
    else if (this.transport === 'udp') this.state = 'ended'
    const { reader } = this
    this.reader = undefined
    reader?.close(end, timeUs)
  }
}

/** Whether the end that a packet of this direction leaves from (`outgoing`) or goes to (`incoming`) is local. */
function isLocal(packet: Packet, direction: Direction): boolean {
  return packet.loopback || packet.direction === direction
}
