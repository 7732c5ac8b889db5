import { httpOutcome } from '../http-outcome.ts'
import { emptyAnswer, type Pairs, type Waiting } from '../pair.ts'
import type { Handover } from '../protocol.ts'
import { findResponse } from './detect.ts'
import type { Framing } from './framing.ts'
import { statusCode } from './line.ts'
import {
  chunked,
  type Hearer,
  headed,
  headless,
  Messages,
  noBody,
  noStart,
  untilClose,
} from './message.ts'
import { connect, head, plain, type Requests, simple } from './requests.ts'

/** Our names of the protocols in `Upgrade` (RFC 6455, 4.2.2; RFC 7540, 3.2). */
const upgradeNames: ReadonlyMap<string, string> = new Map([
  ['websocket', 'websocket'],
  ['h2c', 'http2'],
])

/** What the server says. */
export class Responses implements Hearer {
  readonly messages = new Messages(this)
  /** What follows is another protocol's. */
  next: Omit<Handover, 'restStart'> | undefined

  readonly #pairs: Pairs
  readonly #requests: Requests
  /** -1: HTTP/0.9 has none. */
  #code = 0
  /** The status is known, if there is one: there is something to tell. */
  #known = false
  readonly #answer = emptyAnswer()

  constructor(pairs: Pairs, requests: Requests) {
    this.#pairs = pairs
    this.#requests = requests
  }

  began(bytes: Uint8Array, start: number, end: number): number {
    const code = statusCode(bytes, start, end)
    this.#code = code
    // interim responses (RFC 9110, 15.2): the final one is still to come
    this.#known = code >= 200 || code === 101
    if (this.#known && this.#pairs.count === 0) this.#requests.ask()
    if (code === 101) this.messages.framing.switches()
    if (code >= 0) return headed
    this.#known = this.#pairs.askedBefore(this.messages.startUs)?.kind === simple
    return this.#known ? headless : noStart
  }

  head(framing: Framing): number {
    const code = this.#code
    if (!this.#known) return noBody
    const asked = this.#pairs.askedBefore(this.messages.startUs)
    const kind = asked?.kind ?? plain
    if (code < 0) return untilClose
    if (code === 101 || (kind === connect && code < 300)) {
      this.next = code === 101 ? switched(framing, asked) : {}
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
    answer.status = this.#code < 0 ? undefined : String(this.#code)
    answer.outcome = httpOutcome(this.#code)
    answer.startUs = this.messages.startUs
    answer.endUs = this.messages.stream.lastUs
    answer.bytes = this.messages.bytes
    answer.gap = gap
    this.#requests.answered(this.#pairs.askedBefore(answer.startUs))
    this.#pairs.answer(answer)
  }
}

/** What a connection becomes that is upgraded; names that no protocol of ours goes by are left to recognition. */
function switched({ upgrades }: Framing, asked: Waiting | undefined) {
  const protocol = upgrades.map(name => upgradeNames.get(name)).find(name => name !== undefined)
  return { protocol, method: asked?.method, resource: asked?.resource }
}
