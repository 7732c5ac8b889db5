import { ByteReader } from '#lib/byte-reader.ts'
import type { Interner } from '#lib/intern.ts'
import { clientSide, type Side } from '#model/side.ts'
import { nameText } from '../name-text.ts'
import { type Answer, emptyAnswer, type Waiting } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { grantedQos0, isFailure, type Reason, reasonCodeOf, reasonOf } from './codes.ts'
import { look } from './detect.ts'
import { type Version, versionOfFilters } from './lists.ts'
import {
  auth,
  connack,
  connect,
  disconnect,
  Header,
  headMax,
  pingreq,
  pingresp,
  puback,
  pubcomp,
  publish,
  pubrec,
  pubrel,
  suback,
  subscribe,
  unsuback,
  unsubscribe,
} from './packet.ts'
import { readTopicAlias, skipProperties } from './properties.ts'
import { authNumber, connectNumber, type Session } from './session.ts'

/** Topic aliases of a side that are known, and about what one takes. */
const aliasesMax = 128
const aliasBytes = 320

/**
 * `kind` of a request that waits: the type of the packet that answers it; of PUBLISH with QoS 2, what PUBREC said.
 *
 *     answered by | reason code of PUBREC << 4 | bytes of PUBREC << 12
 */
const answeredBy = (kind: number): number => kind & 15
const receivedCode = (kind: number): number => (kind >> 4) & 255
const receivedBytes = (kind: number): number => kind >>> 12

/** Reads the packets of one side. Payloads, and what follows the first topic filter, are passed over. */
export class Packets implements Frames {
  readonly stream = new Stream(this)
  /** When bytes were last lost. */
  lostUs = 0

  readonly #isClient: boolean
  readonly #session: Session
  /** What this side asks, and what it answers. */
  readonly #own: PairsByNumber
  readonly #others: PairsByNumber
  readonly #texts: Interner
  readonly #header = new Header()
  readonly #reader = new ByteReader()
  readonly #aliases = new Map<number, string>()
  readonly #answer = emptyAnswer()
  /** Of the packet at hand; whether not all of it can be read. */
  #bytes = 0
  #isCut = false
  /** Found by search: it must look like a packet in all. */
  #isDoubtful = false
  /** The message whose payload passes: it waits for an answer, or is told when it has passed. */
  #passing: Waiting | undefined
  #said: { readonly topic: string; readonly startUs: number; readonly bytes: number } | undefined

  constructor(side: Side, session: Session, { interners }: DecoderOptions) {
    this.#isClient = side === clientSide
    this.#session = session
    this.#own = this.#isClient ? session.asked : session.delivered
    this.#others = this.#isClient ? session.delivered : session.asked
    this.#texts = interners.named('mqtt text', nameText)
  }

  get heldBytes(): number {
    return this.stream.heldBytes + this.#aliases.size * aliasBytes
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header
    const read = this.#isDoubtful ? this.#doubt(bytes, start, end) : header.read(bytes, start, end)
    if (read <= 0) return read
    const { end: packetEnd } = header
    const headEnd = Math.min(packetEnd, start + headMax)
    if (header.type !== publish && end < headEnd) return needMore
    const reader = this.#reader.reset(bytes, header.bodyStart, Math.min(end, headEnd))
    this.stream.gapped = false
    this.#bytes = packetEnd - start
    this.#isCut = headEnd < packetEnd && reader.end === headEnd
    const known = this.#packet(reader, packetEnd > end)
    if (reader.short && end < headEnd) return needMore
    if (!known && !(reader.short && this.#isCut)) return notMine
    const taken = Math.min(packetEnd, end) - start
    this.stream.skip(packetEnd - start - taken)
    return taken
  }

  /** The payload of a message has passed. */
  skipped(): void {
    const { gapped } = this.stream
    if (this.#passing && gapped) this.#passing.gap = true
    if (this.#said) {
      const { topic, startUs, bytes } = this.#said
      this.#own.say(this.#method, topic, startUs, bytes, gapped)
    }
    this.#pass()
  }

  broken(lost: boolean): void {
    this.#pass()
    this.#session.pings.lose(lost)
    if (!lost) return
    this.#aliases.clear()
    this.#others.lose(this.lostUs)
  }

  /** Only where a piece begins: within a payload anything looks like a packet. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    this.#isDoubtful = true
    return this.#doubt(bytes, start, end) === notMine ? -1 : start
  }

  /** As `Header.read`, of what may be something else. */
  #doubt(bytes: Uint8Array, start: number, end: number): number {
    const evidence = look(bytes, start, end, this.#header)
    if (evidence === 'maybe') return needMore
    const isAsked = evidence === 'request' || evidence === 'weak-request'
    if (evidence === 'no' || (isAsked && !this.#isClient)) return notMine
    if (evidence === 'weak-response' && this.#isClient) return notMine
    this.#isDoubtful = false
    return this.#header.bodyStart - start
  }

  get #method(): string {
    return this.#isClient ? 'PUBLISH' : 'DELIVER'
  }

  #pass(): void {
    this.#passing = undefined
    this.#said = undefined
  }

  /** Reads a packet at the header; answers whether it is one. Nothing happens when the reader comes up short. */
  #packet(reader: ByteReader, passes: boolean): boolean {
    const { type } = this.#header
    if (type === publish) return this.#publish(reader, passes)
    if (type === disconnect) return this.#disconnect(reader)
    if (type === puback || type === pubrec || type === pubrel || type === pubcomp) {
      return this.#acknowledge(type, reader)
    }
    return this.#isClient ? this.#ask(type, reader) : this.#respond(type, reader)
  }

  #ask(type: number, reader: ByteReader): boolean {
    if (type === connect) return this.#connect(reader)
    if (type === subscribe) return this.#filters('SUBSCRIBE', suback, reader)
    if (type === unsubscribe) return this.#filters('UNSUBSCRIBE', unsuback, reader)
    if (type === pingreq) {
      this.#session.pings.ask('PINGREQ', '', this.stream.firstUs).bytes = this.#bytes
      return true
    }
    if (type !== auth) return false
    // what is said while connecting belongs to that
    if (!this.#own.waiting(connectNumber)) this.#begin(authNumber, 'AUTH', '', auth)
    return true
  }

  #respond(type: number, reader: ByteReader): boolean {
    if (type === connack) return this.#connected(reader)
    if (type === suback || type === unsuback) return this.#confirm(type, reader)
    if (type === pingresp) {
      this.#session.pings.answer(this.#answered(reasonOf(0)))
      return true
    }
    if (type !== auth) return false
    const code = reader.left > 0 ? reader.u8() : 0
    this.#conclude(authNumber, auth, reasonOf(code))
    return true
  }

  /** Protocol name and level, flags, keep alive, properties, client id; what follows are wills and secrets. */
  #connect(reader: ByteReader): boolean {
    reader.skip(reader.u16())
    const version = versionOfLevel(reader.u8())
    reader.skip(3)
    if (version === 5) skipProperties(reader)
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    if (reader.short) return false
    this.#session.version = version
    const client = this.#texts.text(reader.bytes, start, reader.at)
    this.#begin(connectNumber, 'CONNECT', client, connack)
    return true
  }

  #connected(reader: ByteReader): boolean {
    reader.skip(1)
    const code = reader.u8()
    if (reader.short) return false
    const isOld = this.#header.length === 2
    if (this.#session.version === 0) this.#session.version = isOld ? 4 : 5
    this.#conclude(connectNumber, connack, reasonOf(isOld ? reasonCodeOf(code) : code))
    return true
  }

  /** The message's topic, or the number that stands for it since an earlier one (MQTT 5.0, 3.3.2.3.4). */
  #publish(reader: ByteReader, passes: boolean): boolean {
    const { flags } = this.#header
    const { bytes } = reader
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    const qos = (flags >> 1) & 3
    const id = qos === 0 ? 0 : reader.u16()
    if (reader.short || bytes.subarray(start, start + length).includes(0)) return false
    const alias = this.#session.version === 5 || length === 0 ? this.#alias(reader) : 0
    if (reader.short) return false
    const topic = this.#topic(bytes, start, length, alias)
    if (qos > 0) this.#beginMessage(id, topic, passes)
    else if (passes) this.#said = { topic, startUs: this.stream.firstUs, bytes: this.#bytes }
    else this.#own.say(this.#method, topic, this.stream.firstUs, this.#bytes, false)
    return true
  }

  /** It may stand behind more properties than are read: then it is not known. */
  #alias(reader: ByteReader): number {
    const alias = reader.attempt(readTopicAlias)
    if (alias === undefined && !this.#isCut) reader.skip(-1)
    return alias ?? 0
  }

  #topic(bytes: Uint8Array, start: number, length: number, alias: number): string {
    const aliases = this.#aliases
    if (length === 0) {
      if (alias > 0) this.#session.version = 5
      return alias === 0 ? '' : (aliases.get(alias) ?? `<alias ${alias}>`)
    }
    const topic = this.#texts.text(bytes, start, start + length)
    if (alias > 0 && (aliases.size < aliasesMax || aliases.has(alias))) aliases.set(alias, topic)
    return topic
  }

  /** A message that is to be acknowledged. QoS 3 there is none of: no packet answers it. */
  #beginMessage(id: number, topic: string, passes: boolean): void {
    const { flags } = this.#header
    const isRepeated = (flags & 8) !== 0
    const earlier = isRepeated ? this.#own.waiting(id) : undefined
    if (earlier) {
      earlier.bytes += this.#bytes
      return
    }
    const answer = [0, puback, pubrec, 0][(flags >> 1) & 3]
    const asked = this.#begin(id, this.#method, topic, answer)
    if (passes) this.#passing = asked
  }

  /** PUBACK; and for QoS 2 PUBREC, PUBREL, PUBCOMP (MQTT 5.0, 4.3). */
  #acknowledge(type: number, reader: ByteReader): boolean {
    const id = reader.u16()
    const code = reader.left > 0 ? reader.u8() : 0
    if (reader.short) return false
    if (type === pubrel) {
      const asked = this.#own.waiting(id)
      if (asked && answeredBy(asked.kind) === pubcomp) asked.bytes += this.#bytes
    } else if (type === pubrec && !isFailure(code)) this.#received(id, code)
    else if (type === pubcomp) this.#complete(id, code)
    else this.#conclude(id, type, reasonOf(code))
    return true
  }

  #received(id: number, code: number): void {
    const asked = this.#others.waiting(id)
    if (!asked || answeredBy(asked.kind) !== pubrec) return
    asked.kind = pubcomp | (code << 4) | (this.#bytes << 12)
  }

  /** Its reason counts, or the one that PUBREC gave. */
  #complete(id: number, code: number): void {
    const asked = this.#others.waiting(id)
    if (!asked) return
    const { kind } = asked
    const type = answeredBy(kind)
    if (type !== pubcomp && type !== pubrec) return
    this.#bytes += receivedBytes(kind)
    this.#conclude(id, type, reasonOf(code === 0 ? receivedCode(kind) : code))
  }

  /** SUBSCRIBE, UNSUBSCRIBE: the first topic filter. */
  #filters(method: string, answer: number, reader: ByteReader): boolean {
    const session = this.#session
    const id = reader.u16()
    const { at } = reader
    if (session.version === 0 && this.#isCut) {
      reader.skip(-1)
      return false
    }
    session.version ||= versionOfFilters(reader, answer === suback)
    if (session.version === 0) return false
    reader.reset(reader.bytes, at, reader.end)
    if (session.version === 5) skipProperties(reader)
    const length = reader.u16()
    const start = reader.at
    reader.skip(length)
    if (reader.short) return false
    this.#begin(id, method, this.#texts.text(reader.bytes, start, reader.at), answer)
    return true
  }

  /** SUBACK, UNSUBACK: one code for each filter. The first failure counts, or else the first. */
  #confirm(type: number, reader: ByteReader): boolean {
    const id = reader.u16()
    if (this.#session.version === 5) skipProperties(reader)
    if (reader.short) return false
    const { bytes, at, end } = reader
    const codes = bytes.subarray(at, end)
    const code = codes.find(isFailure) ?? codes[0] ?? 0
    this.#conclude(id, type, type === suback && code === 0 ? grantedQos0 : reasonOf(code))
    return true
  }

  #disconnect(reader: ByteReader): boolean {
    const { version } = this.#session
    if (!this.#isClient && (version === 3 || version === 4)) return false
    const code = reader.left > 0 ? reader.u8() : 0
    if (code === 0) this.#own.say('DISCONNECT', '', this.stream.firstUs, this.#bytes, false)
    else this.#session.leave(reasonOf(code), this.stream.firstUs, this.#bytes)
    return true
  }

  #begin(number: number, method: string, resource: string, answer: number): Waiting {
    const asked = this.#own.ask(number, method, resource, this.stream.firstUs)
    asked.bytes = this.#bytes
    asked.kind = answer
    return asked
  }

  /** Ends what waits under a number, if a packet of this type answers it. */
  #conclude(number: number, type: number, reason: Reason): void {
    const asked = this.#others.waiting(number)
    if (asked && answeredBy(asked.kind) === type)
      this.#others.answer(number, this.#answered(reason))
  }

  #answered({ name, outcome }: Reason): Answer {
    const answer = this.#answer
    answer.status = name
    answer.outcome = outcome
    answer.startUs = this.stream.firstUs
    answer.endUs = this.stream.lastUs
    answer.bytes = this.#bytes
    return answer
  }
}

/** Bridges set the highest bit; of later versions nothing is known. */
function versionOfLevel(level: number): Version {
  const plain = level & 127
  return plain === 3 || plain === 4 || plain === 5 ? plain : 0
}
