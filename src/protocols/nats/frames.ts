import { cut, latin1 } from '#lib/text.ts'
import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { Line } from './line.ts'
import { type Operation, operationAt } from './operations.ts'
import type { Said, Session } from './session.ts'
import { type HeaderStatus, headersLooked, readStatus } from './status.ts'
import { isPull, Subjects } from './subjects.ts'

const cr = 0x0d
const lf = 0x0a
const dollar = 0x24
/** With this a TLS handshake begins, and no operation. */
const tlsHandshake = 0x16
/** Characters that are shown of the id of a subscription. */
const idMax = 64

/** One side's operations: a line each, behind some of them headers and payload, of a length that the line tells. */
export class SideFrames implements Frames {
  readonly stream = new Stream(this)
  /** The client begins to encrypt: the rest is not ours. */
  handedOver = false

  readonly #session: Session
  readonly #subjects: Subjects
  readonly #raw: boolean
  readonly #line = new Line()
  readonly #said: Said
  #spoken = false
  /** The payload of a message has passed, the end of its line has not. */
  #open = false
  /** Of the message at hand: where its answer is to go; its own subject, if it may be an answer; how it went. */
  #reply = ''
  #subject = ''
  #status: HeaderStatus | undefined
  /** The byte before the one at which a search begins ended a line. */
  #behindLine = false

  constructor(session: Session, side: Side, options: DecoderOptions) {
    this.#session = session
    this.#subjects = new Subjects(options)
    this.#raw = options.raw
    this.#said = { side, method: '', resource: '', bytes: 0, startUs: 0, endUs: 0, gap: false }
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#open) return this.#endMessage(bytes, start, end)
    if (bytes[start] === tlsHandshake && this.#mayEncrypt()) return this.#handOver()
    const operation = operationAt(bytes, start, end)
    if (operation === 'begun') return needMore
    if (!operation || !maySay(this.#said.side, operation)) return notMine
    const found = this.#line.read(operation, bytes, start, end)
    if (found !== 'read') return found === 'unfinished' ? needMore : notMine
    this.#spoken = true
    if (operation.lengths > 0) return this.#message(operation, bytes, start, end)
    this.#begin(operation, this.#line.end - start)
    this.#time()
    this.#plain(operation.name, bytes)
    return this.#line.end - start
  }

  broken(lost: boolean): void {
    if (this.#open && lost) this.#tellMessage()
    this.#open = false
    this.#behindLine = lost
    this.stream.gapped = false
    this.#session.lose(this.#said.side)
  }

  /** The next line that begins with an operation, behind the end of another, or where bytes come again. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      const begins = i === start ? this.#behindLine : bytes[i - 1] === lf
      if (!begins || operationAt(bytes, i, end) === undefined) continue
      this.#behindLine = false
      return i
    }
    this.#behindLine = bytes[end - 1] === lf
    return -1
  }

  #mayEncrypt(): boolean {
    return !this.#spoken && this.#said.side === clientSide
  }

  #handOver(): number {
    this.handedOver = true
    this.stream.stop()
    return needMore
  }

  #begin(operation: Operation, bytes: number): void {
    const said = this.#said
    said.method = operation.name
    said.resource = ''
    said.bytes = bytes
    said.startUs = this.stream.firstUs
  }

  #time(): void {
    this.#said.endUs = this.stream.lastUs
    this.#said.gap = this.stream.gapped
    this.stream.gapped = false
  }

  #plain(name: string, bytes: Uint8Array): void {
    const session = this.#session
    const said = this.#said
    if (name === 'PING') session.ping(said)
    else if (name === 'PONG') session.pong(said)
    else if (name === '+OK') session.ok(said)
    else if (name === 'CONNECT') session.connect(this.#isVerbose(bytes), said)
    else if (name === '-ERR') {
      session.error(this.#rest(bytes), said, subject => this.#subjects.shown(subject))
    } else if (name === 'SUB') this.#subscribe(bytes)
    else if (name === 'UNSUB') {
      said.resource = this.#raw ? cut(this.#word(bytes, 0), idMax) : '?'
      session.command(said, '')
    } else if (name.startsWith('R') || name.startsWith('A')) session.routed = true
  }

  #subscribe(bytes: Uint8Array): void {
    this.#said.resource = this.#shown(bytes, 0)
    this.#session.subscriptions.add(this.#word(bytes, 0))
    this.#session.command(this.#said, '')
  }

  /**
   * CONNECT holds secrets: nothing else of it is read. The server answers all to a client that does not say, but not to
   * another server, a leaf node.
   */
  #isVerbose(bytes: Uint8Array): boolean {
    const text = this.#rest(bytes)
    return !/"verbose"\s*:\s*false|"server_id"/.test(text)
  }

  /** A line with a payload. */
  #message(operation: Operation, bytes: Uint8Array, start: number, end: number): number {
    const { end: payload, headerBytes, payloadBytes } = this.#line
    const here = end - payload
    if (operation.from !== 'client' && here < Math.min(headerBytes, headersLooked)) return needMore
    const isWhole = here >= payloadBytes + 2
    const past = payload + payloadBytes
    if (isWhole && (bytes[past] !== cr || bytes[past + 1] !== lf)) return notMine
    this.#begin(operation, past + 2 - start)
    this.#read(operation, bytes)
    if (isWhole) {
      this.#tellMessage()
      return past + 2 - start
    }
    this.#open = true
    this.stream.skip(payloadBytes - here)
    return payload + Math.min(here, payloadBytes) - start
  }

  #endMessage(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== cr) return notMine
    if (end - start < 2) return needMore
    if (bytes[start + 1] !== lf) return notMine
    this.#open = false
    this.#tellMessage()
    return 2
  }

  #read(operation: Operation, bytes: Uint8Array): void {
    const session = this.#session
    const { count, starts, ends, end, headerBytes } = this.#line
    if (this.#isRouted(operation, bytes)) session.routed = true
    const index = session.routed ? subjectIndex(operation) : 0
    this.#said.resource = this.#shown(bytes, index)
    this.#reply = ''
    this.#subject = ''
    this.#status = undefined
    if (operation.from === 'client') {
      const answered = count - operation.lengths === 2
      const wanted = answered && !isPull(bytes, starts[0], ends[0])
      if (wanted) this.#reply = this.#word(bytes, 1)
    } else if (this.#said.side === serverSide) {
      if (session.awaitsReplies) this.#subject = this.#word(bytes, index)
      if (headerBytes > 0) this.#status = readStatus(bytes, end, end + headerBytes)
    }
  }

  /** Only on routes is there an account before the subject; two of them are everywhere. */
  #isRouted(operation: Operation, bytes: Uint8Array): boolean {
    if (operation.name === 'RMSG') return true
    if (operation.from !== 'both') return false
    const index = subjectIndex(operation) - 1
    if (bytes[this.#line.starts[index]] !== dollar) return false
    const account = this.#word(bytes, index)
    return account === '$G' || account === '$SYS'
  }

  #tellMessage(): void {
    this.#time()
    if (this.#said.method === 'PUB' || this.#said.method === 'HPUB') {
      this.#session.command(this.#said, this.#reply)
    } else this.#session.message(this.#said, this.#subject, this.#status)
  }

  #shown(bytes: Uint8Array, index: number): string {
    const { count, starts, ends } = this.#line
    return index < count ? this.#subjects.text(bytes, starts[index], ends[index]) : ''
  }

  #word(bytes: Uint8Array, index: number): string {
    const { count, starts, ends } = this.#line
    return index < count ? latin1(bytes, starts[index], ends[index]) : ''
  }

  /** All behind the operation. */
  #rest(bytes: Uint8Array): string {
    const { count, starts, end } = this.#line
    return count === 0 ? '' : latin1(bytes, starts[0], end)
  }
}

const maySay = (side: Side, { from }: Operation): boolean =>
  from === 'both' || (from === 'client' ? clientSide : serverSide) === side

/** On a route a subject stands behind its account, and that behind the cluster of a leaf node. */
function subjectIndex({ name, from }: Operation): number {
  if (from !== 'both') return 0
  return name === 'LMSG' ? 2 : 1
}
