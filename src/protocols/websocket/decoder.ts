import type { FlowEnd } from '#model/flow.ts'
import { clientSide, otherSide, type Side, serverSide } from '#model/side.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import { Pairs } from '../pair.ts'
import type { Decoder, DecoderOptions } from '../protocol.ts'
import { noClose, outcomeOf } from './close-code.ts'
import { close, ping, text } from './frame.ts'
import { type Control, type Hearer, type Message, Messages } from './message.ts'

/** Resource where the connection was joined after its upgrade. */
const unseen = '<upgrade not seen>'

/** Something that a side said. */
interface Said {
  readonly method: string
  readonly status: string | undefined
  readonly outcome: Outcome
  readonly startUs: number
  readonly bytes: number
  readonly gap: boolean
}

/** Both sides of one WebSocket connection. */
export class WebSocketDecoder implements Decoder, Hearer {
  readonly #done: (transaction: Transaction) => void
  readonly #resource: string
  readonly #sides: readonly [Messages, Messages]
  /** By who asked. */
  readonly #pings: readonly [Pairs, Pairs]
  /** A CLOSE that waits for the other side's. */
  #closing: { readonly by: Side; readonly said: Control } | undefined
  /** Who said CLOSE. */
  readonly #isClosed: [boolean, boolean] = [false, false]
  /** A CLOSE may be among lost bytes. */
  #isUncertain = false

  constructor(done: (transaction: Transaction) => void, { resource = unseen }: DecoderOptions) {
    this.#done = done
    this.#resource = resource
    this.#sides = [new Messages(this, clientSide), new Messages(this, serverSide)]
    const turn = (transaction: Transaction) => done(turned(transaction))
    this.#pings = [new Pairs('websocket', done), new Pairs('websocket', turn)]
  }

  get heldBytes(): number {
    const [client, server] = this.#sides
    const [asked, askedBack] = this.#pings
    const held = client.stream.heldBytes + server.stream.heldBytes
    return held + asked.heldBytes + askedBack.heldBytes
  }

  get lost(): boolean {
    return this.#sides[0].stream.hopeless || this.#sides[1].stream.hopeless
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    this.#sides[side].stream.read(bytes, start, end, timeUs)
  }

  gap(side: Side, lengthBytes: number, timeUs: number): void {
    this.#sides[side].stream.gap(lengthBytes, timeUs)
  }

  close(timeUs: number, end?: FlowEnd): void {
    for (const messages of this.#sides) messages.close()
    for (const pings of this.#pings) pings.close()
    if (this.#closing) this.#tellClose(this.#closing.by, this.#closing.said)
    else if (end === 'ended' || end === 'reset') this.#tellEnd(end, timeUs)
  }

  message(side: Side, { opcode, startUs, bytes, gap }: Message, outcome: Outcome): void {
    const method = opcode === text ? 'TEXT' : 'BINARY'
    this.#tell(side, { method, status: undefined, outcome, startUs, bytes, gap }, undefined)
  }

  control(side: Side, control: Control): void {
    if (control.opcode === ping) this.#ping(side, control)
    else if (control.opcode === close) this.#close(side, control)
    // a PONG that nobody asked for says that its sender lives (RFC 6455, 5.5.3): no transaction
    else this.#answerPing(otherSide(side), 'PONG', control, control.bytes)
  }

  broke(lost: boolean): void {
    for (const pings of this.#pings) pings.lose(lost)
    if (lost) this.#isUncertain = true
  }

  /** Who said CLOSE need not answer it (RFC 6455, 5.5.2). */
  #ping(side: Side, { startUs, bytes }: Control): void {
    const pings = this.#pings[side]
    pings.ask('PING', this.#resource, startUs).bytes = bytes
    if (this.#isClosed[otherSide(side)]) pings.expectNone()
  }

  #answerPing(asks: Side, status: string, { startUs, endUs }: Control, bytes: number): boolean {
    const answer = { status, outcome: 'ok' as const, startUs, endUs, bytes, gap: false }
    return this.#pings[asks].answer(answer)
  }

  /** Whoever closes first is answered by the other's CLOSE; the PINGs that wait for it are too. */
  #close(side: Side, said: Control): void {
    if (this.#isClosed[side]) return
    this.#isClosed[side] = true
    const asks = otherSide(side)
    while (this.#pings[asks].count > 0 && this.#answerPing(asks, 'CLOSE', said, 0));
    const first = this.#closing
    this.#closing = first ? undefined : { by: side, said }
    if (first) this.#tellClose(first.by, first.said, said)
  }

  #tellClose(by: Side, { code, startUs, bytes }: Control, answer?: Control): void {
    const outcome = outcomeOf(code, by)
    const said = { method: 'CLOSE', status: String(code), outcome, startUs, bytes, gap: false }
    this.#tell(by, said, answer)
  }

  /** The connection ended without a CLOSE of anybody. */
  #tellEnd(end: 'ended' | 'reset', startUs: number): void {
    if (this.#isUncertain || this.#isClosed.includes(true)) return
    const outcome = end === 'reset' ? 'error' : 'warning'
    const status = String(noClose)
    this.#tell(clientSide, { method: 'CLOSE', status, outcome, startUs, bytes: 0, gap: false })
  }

  #tell(by: Side, said: Said, answer?: Control): void {
    const { method, status, outcome, startUs, bytes, gap } = said
    const answerBytes = answer?.bytes ?? 0
    this.#done({
      protocol: 'websocket',
      method,
      resource: this.#resource,
      status,
      outcome,
      startUs,
      durationUs: answer && Math.max(0, answer.endUs - startUs),
      requestBytes: by === clientSide ? bytes : answerBytes,
      responseBytes: by === clientSide ? answerBytes : bytes,
      gap,
      names: undefined,
    })
  }
}

/** What the server asked: its bytes are those of the response. */
function turned(transaction: Transaction): Transaction {
  const { requestBytes, responseBytes } = transaction
  return { ...transaction, requestBytes: responseBytes, responseBytes: requestBytes }
}
