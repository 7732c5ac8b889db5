import type { Interner } from '#lib/intern.ts'
import type { Pairs, Waiting } from '../pair.ts'
import type { DecoderOptions } from '../protocol.ts'
import { rawTarget, safeTarget } from '../target.ts'
import { findRequest } from './detect.ts'
import type { Framing } from './framing.ts'
import { isSimple, methodEnd, targetEnd } from './line.ts'
import { chunked, type Hearer, headed, headless, Messages, noBody, noStart } from './message.ts'

/** What a request asks that its response's framing depends on. */
export const plain = 0
export const head = 1
export const connect = 2
/** A request without a version: its response may have no head. */
export const simple = 3

/** What the client says. */
export class Requests implements Hearer {
  readonly messages = new Messages(this)
  readonly #pairs: Pairs
  readonly #methods: Interner
  readonly #targets: Interner
  #method = ''
  #target = ''
  #kind = plain
  /** Its start line is known, but it is not asked yet: its head is still coming. */
  #begun = false
  /** The request whose body is still coming. */
  #open: Waiting | undefined

  constructor(pairs: Pairs, { interners, raw }: DecoderOptions) {
    this.#pairs = pairs
    this.#methods = interners.named('http method')
    this.#targets = interners.named('http target', raw ? rawTarget : safeTarget)
  }

  began(bytes: Uint8Array, start: number, end: number): number {
    const method = methodEnd(bytes, start, end)
    if (method <= 0) return noStart
    let target = targetEnd(bytes, method, end)
    const isWithout = target < 0
    if (isWithout) {
      if (!isSimple(bytes, start, method, end)) return noStart
      target = end
    }
    this.#method = this.#methods.text(bytes, start, method)
    this.#target = this.#targets.text(bytes, method + 1, target)
    this.#kind = isWithout ? simple : kindOf(this.#method)
    this.#begun = true
    this.messages.framing.asks()
    return isWithout ? headless : headed
  }

  head(framing: Framing): number {
    if (this.#begun) this.#ask()
    if (this.#kind === connect || this.#kind === simple) return noBody
    if (framing.coded) return framing.chunked ? chunked : noBody
    return framing.length ?? noBody
  }

  ended(): void {
    this.measure()
    this.#open = undefined
  }

  /** What of a head is lost was asked all the same. */
  broke(lost: boolean): void {
    if (lost) this.ask()
    this.#begun = false
    this.measure()
    if (this.#open) this.#open.gap = true
    this.#open = undefined
    this.#pairs.lose(lost)
  }

  /** A request counts though its head is not over, when it is answered or nothing more comes. */
  ask(): void {
    if (this.#begun) this.#ask()
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

  close(): void {
    this.ask()
    this.measure()
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findRequest(bytes, start, end)
  }

  #ask(): void {
    this.#begun = false
    this.#open = this.#pairs.ask(this.#method, this.#target, this.messages.startUs)
    this.#open.kind = this.#kind
    this.#open.traceId = this.messages.framing.trace.id
  }
}

function kindOf(method: string): number {
  if (method === 'HEAD') return head
  return method === 'CONNECT' ? connect : plain
}
