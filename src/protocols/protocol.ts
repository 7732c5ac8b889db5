import type { Interners } from '#lib/intern.ts'
import type { FlowEnd, Transport } from '#model/flow.ts'
import type { ServiceRole } from '#model/service.ts'
import type { Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'

/**
 * What the first bytes of one side of a flow look like to a protocol. `request`/`response` say which of the two this
 * side sends, and with it who is the client. The weak ones look like it, but so might another protocol's: they count
 * only when the other side answers with its part, weak or not. `either`, `weak-either`: the same of what both sides say;
 * where neither side shows more, the usual port tells who asks. `maybe`: more bytes are needed. `no`: not mine.
 */
export type Evidence =
  | 'request'
  | 'response'
  | 'weak-request'
  | 'weak-response'
  | 'either'
  | 'weak-either'
  | 'maybe'
  | 'no'

/** What a decoder may not decide by itself. */
export interface DecoderOptions {
  /** Keep literals and values (`--raw`). By default they are replaced before anything leaves the decoder. */
  readonly raw: boolean
  /** Texts known to all flows. Names of interners begin with the protocol's: `http target`. */
  readonly interners: Interners
  /** The flow was handed over: how the request asked that did it. */
  readonly method?: string
  /** And for what: a WebSocket has the target of its upgrade. */
  readonly resource?: string
}

/** A decoder finds that the rest of its flow is another protocol's (upgrade, CONNECT, STARTTLS). */
export interface Handover {
  /** Index in the bytes of the last `read` at which they are no longer its own. */
  readonly restStart: number
  /** Name of the protocol both sides agreed upon. Without it `detect` of all is asked again for what follows. */
  readonly protocol?: string
  /** What the next decoder gets in its options. */
  readonly method?: string
  readonly resource?: string
}

/** Decodes one flow. Bytes may start in midstream, be cut anywhere, be lost, be garbage. It never throws. */
export interface Decoder {
  /** The next bytes of a side, valid only during the call. UDP: one datagram a call. */
  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void
  /** `lengthBytes` of this side were lost here. */
  gap(side: Side, lengthBytes: number, timeUs: number): void
  /**
   * No more bytes. What still waits for an answer is told now, unanswered. `end` says how the flow ended: `idle` is also
   * the end of the capture; undefined: it goes on as another protocol's.
   */
  close(timeUs: number, end?: FlowEnd): void
  /** Set when what follows is another protocol's. The drive closes this decoder then; nobody knows it: bytes. */
  readonly handover?: Handover
  /** Name of the protocol in which it finds its own to be only the envelope: `grpc`, said by HTTP/2. The flow takes it. */
  readonly carries?: string
  /** Bytes it keeps: of half-read frames, of requests that wait. What all flows keep together is limited. */
  readonly heldBytes?: number
  /** Too much of what came was garbage: the flow was named wrongly and becomes bytes. What waits is never told. */
  readonly lost?: boolean
}

/** One wire protocol. All anyone needs to know of it is in this object. */
export interface Protocol {
  /** As in `read --json`: `http`, `redis`. */
  readonly name: string
  /** As on screen: `HTTP`, `Redis`. */
  readonly title: string
  /** What a service that is called with it is to its callers; picks the sign on the map. Default `plain`. */
  readonly role?: ServiceRole
  readonly transports: readonly Transport[]
  /**
   * Name of the protocol whose decoder hands its flows over to this one, or tells its transactions, because its own
   * bytes alone do not show it: a WebSocket within `http`, gRPC within `http2`.
   */
  readonly within?: string
  /**
   * Both sides of a conversation that nobody knows may agree to go on in it: STARTTLS. Only a `request` begins it then.
   */
  readonly mayBeginLate?: boolean
  /** Usual server ports: a hint which protocol to ask first and who is the server, never proof. */
  readonly ports: readonly number[]
  /** Looks at the first bytes `bytes[start, end)` of a side. Rather `no` than a wrong name. */
  detect(bytes: Uint8Array, start: number, end: number, transport: Transport): Evidence
  /** A decoder for one flow; `done` gets each transaction as it completes. */
  open(
    done: (transaction: Transaction) => void,
    options: DecoderOptions,
    transport: Transport,
  ): Decoder
}
