import type { Outcome, Transaction } from '#model/transaction.ts'
import { statusOfHttp, statusOfReset, statusOfText } from '../grpc/status.ts'
import { httpOutcome } from '../http-outcome.ts'
import { charsBeyond, slotBytes } from '../pair.ts'
import { errorName, noError, refusedStream, resetOutcome } from './errors.ts'

/** Streams of a connection that may be open. Servers allow some hundred; those beyond are not told. */
const openMax = 4096

/** A request and its response, on a stream of their own. */
export interface Exchange {
  readonly method: string
  readonly resource: string
  /** First byte of the request. */
  readonly startUs: number
  requestBytes: number
  responseBytes: number
  /** HTTP's, once the response has begun. */
  status: string | undefined
  /** gRPC's, as it stands in the trailers. */
  grpcStatus: string | undefined
  /** Undefined while the content type cannot be known. */
  isGrpc: boolean | undefined
  /** The request has a message as gRPC frames it. */
  framed: boolean
  /** What its response ended with refers to what was said before we listened. */
  hidden: boolean
  /** Bytes of it were lost. */
  gap: boolean
  /** The trace that the request says it is part of. */
  traceId: string | undefined
}

/** An exchange of which the request's first byte has come. */
export function beginExchange(method: string, resource: string, startUs: number): Exchange {
  return {
    method,
    resource,
    startUs,
    requestBytes: 0,
    responseBytes: 0,
    status: undefined,
    grpcStatus: undefined,
    isGrpc: false,
    framed: false,
    hidden: false,
    gap: false,
    traceId: undefined,
  }
}

/** The streams of one connection that are open (RFC 9113, 5.1). Each is told when its response has ended. */
export class Exchanges {
  /** Requests that were not kept because `openMax` were open. */
  beyond = 0
  /** Responses to no known request. */
  orphans = 0
  /** A call of gRPC was among them. */
  carriesGrpc = false
  /** When what is read now came. */
  nowUs = 0

  readonly #done: (transaction: Transaction) => void
  readonly #open = new Map<number, Exchange>()
  /** Of their resources, beyond what is counted for each. */
  #chars = 0
  #lostUs = Number.NEGATIVE_INFINITY
  /** No open stream of the client's has a larger number. */
  #idMax = 0

  constructor(done: (transaction: Transaction) => void) {
    this.#done = done
  }

  /** About the memory that they take. */
  get heldBytes(): number {
    return this.#open.size * slotBytes + this.#chars
  }

  /** The exchange on an open stream. */
  on(id: number): Exchange | undefined {
    return this.#open.get(id)
  }

  begin(id: number, exchange: Exchange): void {
    const earlier = this.#open.get(id)
    if (earlier) this.#abandon(id, earlier)
    if (this.#open.size >= openMax && !this.#makeRoom()) {
      this.beyond++
      return
    }
    if (exchange.isGrpc) this.carriesGrpc = true
    if (isClients(id) && id > this.#idMax) this.#idMax = id
    this.#open.set(id, exchange)
    this.#chars += charsBeyond(exchange.resource)
  }

  /** The response has ended. */
  end(id: number, exchange: Exchange): void {
    this.#open.delete(id)
    const { grpcStatus, status } = exchange
    if (!this.#isGrpc(exchange)) this.#tellHttp(exchange)
    else if (grpcStatus !== undefined) {
      const { name, outcome } = statusOfText(grpcStatus)
      this.#tell(exchange, name, outcome)
    } else if (status === undefined || exchange.hidden) this.#tellHidden(exchange)
    else {
      const { name, outcome } = statusOfHttp(status)
      this.#tell(exchange, name, outcome)
    }
  }

  /** One side wants no more of it. */
  reset(id: number, exchange: Exchange, code: number, byServer: boolean): void {
    // a server that needs no more of the request says so (RFC 9113, 8.1)
    if (byServer && code === noError && exchange.status !== undefined) {
      this.end(id, exchange)
      return
    }
    this.#open.delete(id)
    const name = this.#isGrpc(exchange) ? statusOfReset(code).name : errorName(code)
    this.#tell(exchange, name, resetOutcome(code, byServer))
  }

  /**
   * The server has not looked at requests with larger numbers, and will not (RFC 9113, 6.8): they are refused. A server
   * that leaves in good order is no fault: they are asked again elsewhere.
   */
  refuse(lastId: number, code: number): void {
    if (lastId >= this.#idMax) return
    this.#idMax = 0
    for (const [id, exchange] of this.#open) {
      if (!isClients(id)) continue
      if (id <= lastId) {
        this.#idMax = Math.max(this.#idMax, id)
        continue
      }
      this.#open.delete(id)
      const reason = code === noError ? refusedStream : code
      const outcome = code === noError ? 'warning' : resetOutcome(code, true)
      const name = this.#isGrpc(exchange) ? statusOfReset(reason).name : errorName(reason)
      this.#tell(exchange, name, outcome)
    }
  }

  /** Bytes were lost that may have belonged to any stream that is open. */
  lose(): void {
    this.#lostUs = this.nowUs
  }

  /** No more bytes come: a response that has begun is told with what is known of it, the others are unanswered. */
  close(): void {
    for (const [id, exchange] of this.#open) {
      if (exchange.status === undefined) this.#abandon(id, exchange)
      else if (this.#isGrpc(exchange)) this.#tellHidden(exchange)
      else this.#tellHttp(exchange)
    }
    this.#open.clear()
  }

  /** Where losses hide ends of streams, the one that is open longest makes room. */
  #makeRoom(): boolean {
    for (const [id, exchange] of this.#open) {
      if (exchange.startUs > this.#lostUs) return false
      this.#abandon(id, exchange)
      return true
    }
    return false
  }

  /** Where content types cannot be known, the flow's other exchanges tell. */
  #isGrpc({ isGrpc }: Exchange): boolean {
    return isGrpc ?? this.carriesGrpc
  }

  #tellHttp(exchange: Exchange): void {
    const { status } = exchange
    if (status === undefined) this.#tellHidden(exchange)
    else this.#tell(exchange, status, httpOutcome(Number(status)))
  }

  /** It was answered, but not for us to see. */
  #tellHidden(exchange: Exchange): void {
    exchange.gap = true
    this.#tell(exchange, undefined, 'ok')
  }

  /** No answer has come. One that is lost is no error. */
  #abandon(id: number, exchange: Exchange): void {
    this.#open.delete(id)
    const lost = exchange.startUs <= this.#lostUs
    this.#tell(exchange, undefined, lost ? 'ok' : 'error', false)
  }

  #tell(exchange: Exchange, status: string | undefined, outcome: Outcome, answered = true): void {
    const { method, resource, startUs, requestBytes, responseBytes, traceId } = exchange
    this.#chars -= charsBeyond(resource)
    this.#done({
      protocol: this.#isGrpc(exchange) ? 'grpc' : 'http2',
      method,
      resource,
      status,
      outcome,
      startUs,
      durationUs: answered ? Math.max(0, this.nowUs - startUs) : undefined,
      requestBytes,
      responseBytes,
      gap: exchange.gap || startUs <= this.#lostUs,
      names: undefined,
      traceId,
    })
  }
}

/** Streams that the client opens have odd numbers (RFC 9113, 5.1.1). */
export const isClients = (id: number): boolean => id % 2 === 1
