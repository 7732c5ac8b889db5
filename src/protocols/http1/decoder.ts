import type { Interner } from '#lib/intern.ts'
import { clientSide, type Side } from '#model/side.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import { type Answer, Pairs, type Waiting } from '../pair.ts'
import type { Decoder, DecoderOptions, Handover } from '../protocol.ts'
import { findRequest, findResponse } from './detect.ts'
import type { Framing } from './framing.ts'
import { methodEnd, statusCode, targetEnd } from './line.ts'
import { chunked, type Hearer, Messages, noBody, untilClose } from './message.ts'
import { rawTarget, safeTarget } from './target.ts'

/** What a request asks that its response's framing depends on. */
const plain = 0
const head = 1
const connect = 2

/** Our names of the protocols in `Upgrade` (RFC 6455, 4.2.2; RFC 7540, 3.2). */
const upgradeNames: ReadonlyMap<string, string> = new Map([
  ['websocket', 'websocket'],
  ['h2c', 'http2'],
])

/** Both sides of one HTTP/1 connection. */
export class HttpDecoder implements Decoder {
  readonly #pairs: Pairs
  readonly #requests: Requests
  readonly #responses: Responses
  #restStart = 0

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new Pairs('http', done)
    this.#requests = new Requests(this.#pairs, options)
    this.#responses = new Responses(this.#pairs, this.#requests)
  }

  get handover(): Handover | undefined {
    const { next } = this.#responses
    return next && { restStart: this.#restStart, ...next }
  }

  get heldBytes(): number {
    const { stream } = this.#requests.messages
    return stream.heldBytes + this.#responses.messages.stream.heldBytes + this.#pairs.heldBytes
  }

  /** Only requests tell: a server may answer a request for HTTP with anything. */
  get lost(): boolean {
    return this.#requests.messages.stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests.messages : this.#responses.messages
    stream.read(bytes, start, end, timeUs)
    this.#restStart = stream.restStart
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    const { stream } = side === clientSide ? this.#requests.messages : this.#responses.messages
    stream.gap(lengthBytes, timeUs)
  }

  close(): void {
    this.#responses.close()
    this.#pairs.close()
  }
}

class Requests implements Hearer {
  readonly messages = new Messages(this)
  readonly #pairs: Pairs
  readonly #methods: Interner
  readonly #targets: Interner
  #method = ''
  #target = ''
  /** The request whose body is still coming. */
  #open: Waiting | undefined

  constructor(pairs: Pairs, { interners, raw }: DecoderOptions) {
    this.#pairs = pairs
    this.#methods = interners.named('http method')
    this.#targets = interners.named('http target', raw ? rawTarget : safeTarget)
  }

  began(bytes: Uint8Array, start: number, end: number): boolean {
    const method = methodEnd(bytes, start, end)
    const target = method > 0 ? targetEnd(bytes, method, end) : -1
    if (target < 0) return false
    this.#method = this.#methods.text(bytes, start, method)
    this.#target = this.#targets.text(bytes, method + 1, target)
    return true
  }

  head(framing: Framing): number {
    const asked = this.#pairs.ask(this.#method, this.#target, this.messages.startUs)
    this.#open = asked
    if (this.#method === 'HEAD') asked.kind = head
    else if (this.#method === 'CONNECT') {
      asked.kind = connect
      return noBody
    }
    if (framing.coded) return framing.chunked ? chunked : noBody
    return framing.length ?? noBody
  }

  ended(): void {
    this.measure()
    this.#open = undefined
  }

  broke(lost: boolean): void {
    this.measure()
    if (this.#open) this.#open.gap = true
    this.#open = undefined
    this.#pairs.lose(lost)
  }

  /** Writes down how much of a request has come; after its answer, its slot is another's. */
  measure(): void {
    if (!this.#open) return
    this.#open.bytes = this.messages.bytes
    this.#open.gap = this.messages.stream.gapped
  }

  answered(asked: Waiting | undefined): void {
    if (asked !== this.#open) return
    this.measure()
    this.#open = undefined
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findRequest(bytes, start, end)
  }
}

class Responses implements Hearer {
  readonly messages = new Messages(this)
  /** What follows is another protocol's. */
  next: Omit<Handover, 'restStart'> | undefined

  readonly #pairs: Pairs
  readonly #requests: Requests
  #code = 0
  /** The head was read: there is something to tell. */
  #known = false
  readonly #answer: Answer = {
    status: undefined,
    outcome: 'ok',
    startUs: 0,
    endUs: 0,
    bytes: 0,
    gap: false,
  }

  constructor(pairs: Pairs, requests: Requests) {
    this.#pairs = pairs
    this.#requests = requests
  }

  began(bytes: Uint8Array, start: number, end: number): boolean {
    this.#code = statusCode(bytes, start, end)
    if (this.#code === 101) this.messages.framing.switches()
    return this.#code > 0
  }

  head(framing: Framing): number {
    const code = this.#code
    // interim responses (RFC 9110, 15.2): the final one is still to come
    if (code < 200 && code !== 101) return noBody
    this.#known = true
    const asked = this.#pairs.askedBefore(this.messages.startUs)
    const kind = asked?.kind ?? plain
    if (code === 101 || (kind === connect && code < 300)) {
      this.next = code === 101 ? switched(framing, asked?.resource) : {}
      this.messages.stream.stop()
      return noBody
    }
    if (kind === head || code === 204 || code === 304) return noBody
    if (framing.coded) return framing.chunked ? chunked : untilClose
    return framing.length ?? untilClose
  }

  ended(): void {
    if (this.#known) this.#tell(this.messages.stream.gapped)
  }

  broke(lost: boolean): void {
    if (this.#known) this.#tell(true)
    this.#pairs.lose(lost)
  }

  /** What came of the last response is all there will be. */
  close(): void {
    if (this.#known) this.#tell(this.messages.stream.gapped)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findResponse(bytes, start, end)
  }

  #tell(gap: boolean): void {
    this.#known = false
    const answer = this.#answer
    answer.status = String(this.#code)
    answer.outcome = outcomeOf(this.#code)
    answer.startUs = this.messages.startUs
    answer.endUs = this.messages.stream.lastUs
    answer.bytes = this.messages.bytes
    answer.gap = gap
    this.#requests.answered(this.#pairs.askedBefore(answer.startUs))
    this.#pairs.answer(answer)
  }
}

/** What a connection becomes that is upgraded; names that no protocol of ours goes by are left to recognition. */
function switched({ upgrades }: Framing, resource: string | undefined) {
  const protocol = upgrades.map(name => upgradeNames.get(name)).find(name => name !== undefined)
  return { protocol, resource }
}

function outcomeOf(code: number): Outcome {
  if (code < 400) return 'ok'
  return code < 500 ? 'warning' : 'error'
}
