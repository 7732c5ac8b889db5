import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import type { Decoder, DecoderOptions } from '../protocol.ts'
import { beginExchange, type Exchange, Exchanges, isClients } from './exchanges.ts'
import { FrameReader, type HeaderBlock, type Hearer } from './reader.ts'

/** A method or path that was said before we listened. */
const unknownText = '<unknown>'
/** The stream on which the request is answered that asked for HTTP/2 in HTTP/1.1 (RFC 7540, 3.2). */
const upgradedId = 1

type Upgraded = Pick<DecoderOptions, 'method' | 'resource'>

/** Both sides of one HTTP/2 connection. */
export class Http2Decoder implements Decoder {
  readonly #exchanges: Exchanges
  readonly #requests: Requests
  readonly #responses: Responses
  /** The request that was made in HTTP/1.1, until anything comes. */
  #upgraded: Upgraded | undefined

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#exchanges = new Exchanges(done)
    this.#requests = new Requests(this.#exchanges, options)
    this.#responses = new Responses(this.#exchanges, options)
    if (options.method !== undefined) this.#upgraded = options
  }

  get carries(): string | undefined {
    return this.#exchanges.carriesGrpc ? 'grpc' : undefined
  }

  get heldBytes(): number {
    const { heldBytes } = this.#requests.reader
    return heldBytes + this.#responses.reader.heldBytes + this.#exchanges.heldBytes
  }

  get lost(): boolean {
    return this.#requests.reader.stream.hopeless || this.#responses.reader.stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#exchanges.nowUs = timeUs
    if (this.#upgraded) this.#beginUpgraded(this.#upgraded, timeUs)
    const { stream } = side === clientSide ? this.#requests.reader : this.#responses.reader
    stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#exchanges.nowUs = timeUs
    const { stream } = side === clientSide ? this.#requests.reader : this.#responses.reader
    stream.gap(lengthBytes, timeUs)
  }

  close(timeUs: number): void {
    this.#exchanges.nowUs = timeUs
    this.#exchanges.close()
  }

  /** What its bytes were and how long it took up to here, HTTP/1.1 has told. */
  #beginUpgraded({ method = '', resource = '' }: Upgraded, timeUs: number): void {
    this.#upgraded = undefined
    this.#exchanges.begin(upgradedId, beginExchange(method, resource, timeUs))
  }
}

/** What the client says. */
class Requests implements Hearer {
  readonly reader: FrameReader
  readonly #exchanges: Exchanges

  constructor(exchanges: Exchanges, options: DecoderOptions) {
    this.#exchanges = exchanges
    this.reader = new FrameReader(true, options, this)
  }

  block(id: number, block: HeaderBlock): void {
    if (!block.fields.isRequest) {
      const exchange = this.#exchanges.on(id)
      if (exchange) exchange.requestBytes += block.bytes
    } else if (isClients(id)) {
      const exchange = asked(block)
      exchange.requestBytes = block.bytes
      this.#exchanges.begin(id, exchange)
    }
  }

  data(id: number, _ended: boolean, bytes: number, gap: boolean): void {
    const exchange = this.#exchanges.on(id)
    if (!exchange) return
    exchange.requestBytes += bytes
    if (this.reader.isMessage) exchange.framed = true
    if (gap) exchange.gap = true
  }

  /** Servers promise. */
  promise(): void {}

  reset(id: number, code: number): void {
    const exchange = this.#exchanges.on(id)
    if (exchange) this.#exchanges.reset(id, exchange, code, false)
  }

  /** It concerns what the server has promised. */
  goAway(): void {}

  lose(): void {
    this.#exchanges.lose()
  }
}

/** What the server says. */
class Responses implements Hearer {
  readonly reader: FrameReader
  readonly #exchanges: Exchanges

  constructor(exchanges: Exchanges, options: DecoderOptions) {
    this.#exchanges = exchanges
    this.reader = new FrameReader(false, options, this)
  }

  block(id: number, block: HeaderBlock): void {
    const exchange = this.#exchanges.on(id)
    const { fields, ended } = block
    if (!exchange) {
      if (fields.status !== undefined) this.#exchanges.orphans++
      return
    }
    const { status, grpcStatus } = fields
    exchange.responseBytes += block.bytes
    // interim responses (RFC 9110, 15.2): the final one is still to come
    if (status !== undefined && status < '200') return
    exchange.isGrpc ??= isCall(exchange, block)
    if (exchange.isGrpc) this.#exchanges.carriesGrpc = true
    exchange.status ??= status
    exchange.grpcStatus ??= grpcStatus
    if (!ended) return
    exchange.hidden = fields.hasUnknown
    this.#exchanges.end(id, exchange)
  }

  /** On streams with even numbers. */
  promise(id: number, block: HeaderBlock): void {
    if (isClients(id) || id === 0) return
    const exchange = asked(block)
    exchange.responseBytes = block.bytes
    this.#exchanges.begin(id, exchange)
  }

  data(id: number, ended: boolean, bytes: number, gap: boolean): void {
    const exchange = this.#exchanges.on(id)
    if (!exchange) return
    exchange.responseBytes += bytes
    if (gap) exchange.gap = true
    if (ended) this.#exchanges.end(id, exchange)
  }

  reset(id: number, code: number): void {
    const exchange = this.#exchanges.on(id)
    if (exchange) this.#exchanges.reset(id, exchange, code, true)
  }

  goAway(lastId: number, code: number): void {
    this.#exchanges.refuse(lastId, code)
  }

  lose(): void {
    this.#exchanges.lose()
  }
}

/**
 * What the server says of whether it is a call of gRPC, where the client's content type was said before we listened: its
 * own, gRPC's status, or trailers to a request framed as gRPC does it.
 */
function isCall(exchange: Exchange, { fields, ended }: HeaderBlock): boolean | undefined {
  const { isGrpc, grpcStatus, status } = fields
  if (isGrpc !== undefined) return isGrpc
  const trails = ended && status === undefined && exchange.status !== undefined
  return grpcStatus !== undefined || (trails && exchange.framed) ? true : undefined
}

/** What the fields of a request ask for; of CONNECT, which has no path, the authority. */
function asked({ fields, startUs }: HeaderBlock) {
  const { hasUnknown, authority } = fields
  const missing = hasUnknown ? unknownText : ''
  const method = fields.method ?? missing
  const connected = method === 'CONNECT' ? authority : undefined
  const exchange = beginExchange(method, fields.path ?? connected ?? missing, startUs)
  exchange.traceId = fields.trace.id
  exchange.isGrpc = fields.isGrpc ?? (hasUnknown ? undefined : false)
  return exchange
}
