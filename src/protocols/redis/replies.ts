import { isDigit } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import type { Outcome } from '#model/transaction.ts'
import { emptyAnswer, type Pairs } from '../pair.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { monitor, replication, reset, subscription } from './commands.ts'
import { mayBeReply } from './detect.ts'
import { behindLine, Header, lf, lineEnd, streamed, unfinished, unreadable } from './header.ts'

/** Streamed aggregates within each other. */
const depthMax = 32
/** Elements of one aggregate. */
const elementsMax = 2 ** 32
/** Bytes of an error that are looked at, and of the first element of a push. */
const wordMax = 24

/** Codes of errors that send the client elsewhere, ask it to wait, or are its own fault. All others are errors. */
const warnings = new Set(
  'MOVED ASK TRYAGAIN LOADING READONLY NOAUTH WRONGPASS NOPERM NOSCRIPT NOPROTO BUSYGROUP'.split(
    ' ',
  ),
)

/** Whether an array, or a push, is a message to a subscriber, or confirms a subscription. */
type Notice = 'message' | 'confirmation' | 'none'
const messages = new Set(['message', 'pmessage', 'smessage', 'invalidate'])
const confirmation = /^[ps]?(un)?subscribe$/

/**
 * Reads replies: RESP2 and RESP3 (https://redis.io/docs/latest/develop/reference/protocol-spec/). Elements are only
 * counted. What answers nobody (messages to subscribers, pushes, a monitor's lines) is left out.
 */
export class Replies implements Frames {
  readonly stream = new Stream(this)
  /** A replica's stream begins: no more replies follow. */
  replicating = false
  /** Who was taken for the server reports as a replica does: client and server are no such, nobody is answered. */
  isReplica = false

  readonly #pairs: Pairs
  readonly #words: Interner
  readonly #isSubscribed: () => boolean
  readonly #header = new Header()
  readonly #answer = emptyAnswer()
  /** Values that are still to come until the reply is whole; 0 between replies. */
  #left = 0
  /** The same of the aggregates around the streamed one at hand, outermost first. */
  readonly #outer: number[] = []
  #startOffset = 0
  /** The type of the reply: of its first value that is no attribute; 0 before it. */
  #type = 0
  #error = ''
  /** The next value, if a bulk string, tells what the reply is: a notice, if it may be one. */
  #asksNotice = false
  #mayBeNotice = false
  #notice: Notice = 'none'
  #inChunks = false
  /** Bytes of the last value read are still to pass. */
  #passing = false
  #monitoring = false

  constructor(pairs: Pairs, { interners }: DecoderOptions, isSubscribed: () => boolean) {
    this.#pairs = pairs
    this.#words = interners.named('redis word')
    this.#isSubscribed = isSubscribed
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#left === 0) {
      this.#begin()
      if (this.#pairs.oldest?.kind === replication) return this.#beginReplica(bytes, start, end)
    }
    const taken = this.#value(bytes, start, end)
    if (taken > 0 && this.#left === 0 && !this.#passing) this.#end(this.stream.position + taken)
    return taken
  }

  skipped(): void {
    this.#passing = false
    if (this.#left === 0) this.#end(this.stream.position)
  }

  broken(lost: boolean): void {
    this.#left = 0
    this.#passing = false
    this.#pairs.lose(lost)
  }

  /** Only where a piece begins: within one, an element looks like a reply. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    return mayBeReply(bytes, start, end) ? start : -1
  }

  #begin(): void {
    this.#left = 1
    this.#outer.length = 0
    this.#startOffset = this.stream.position
    this.#answer.startUs = this.stream.firstUs
    this.stream.gapped = false
    this.#type = 0
    this.#error = ''
    this.#asksNotice = false
    this.#notice = 'none'
    this.#inChunks = false
  }

  /** Reads one value, or the head of one; answers the bytes it took. */
  #value(bytes: Uint8Array, start: number, end: number): number {
    const type = bytes[start]
    switch (type) {
      case 0x24: // $ bulk string
      case 0x21: // ! bulk error
      case 0x3d: // = verbatim string
      case 0x3b: // ; chunk of a streamed string
        return this.#string(type, bytes, start, end)
      case 0x2a: // * array
      case 0x7e: // ~ set
      case 0x3e: // > push
      case 0x25: // % map
      case 0x7c: // | attributes
        return this.#aggregate(type, bytes, start, end)
      case 0x2b: // + simple string
      case 0x2d: // - simple error
      case 0x3a: // : number
      case 0x2c: // , double
      case 0x28: // ( big number
      case 0x23: // # boolean
      case 0x5f: // _ null
      case 0x2e: // . end of a streamed aggregate
        return this.#line(type, bytes, start, end)
      default:
        return notMine
    }
  }

  /**
   * `+FULLRESYNC ...`, `+CONTINUE ...`, an error; to SYNC the head of the data, `$59` or `$EOF:...`. Before it, line ends
   * that show that the master is alive.
   */
  #beginReplica(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] === lf) {
      this.#left = 0
      return 1
    }
    const behind = behindLine(bytes, start, end)
    if (behind < 0) return needMore
    this.#type = bytes[start]
    if (this.#type === 0x2d) this.#error = this.#firstWord(bytes, start + 1, behind)
    this.#left = 0
    this.#end(this.stream.position + behind - start)
    return behind - start
  }

  #line(type: number, bytes: Uint8Array, start: number, end: number): number {
    const behind = behindLine(bytes, start, end)
    if (behind < 0) return needMore
    const last = lineEnd(bytes, start, behind)
    if (type === 0x2e) return this.#endStreamed() ? behind - start : notMine
    if (this.#isFirst()) {
      this.#type = type
      if (type === 0x2d) this.#error = this.#firstWord(bytes, start + 1, last)
      if (type === 0x2b && this.#monitoring && isDigit(bytes[start + 1])) this.#notice = 'message'
    } else if (this.#asksNotice) this.#note(bytes, start + 1, last)
    this.#left--
    return behind - start
  }

  /** `$5\r\nhello\r\n`; what is not at hand of a long one is passed over. */
  #string(type: number, bytes: Uint8Array, start: number, end: number): number {
    const length = this.#header.read(bytes, start, end)
    if (length === unfinished) return needMore
    if ((type === 0x3b) !== this.#inChunks || length === unreadable) return notMine
    if (type === 0x21 && length < 0) return notMine
    const content = this.#header.end
    const isShown = this.#asksNotice || (type === 0x21 && this.#type === 0)
    if (isShown && end < content + Math.min(length + 2, wordMax)) return needMore
    if (this.#isFirst()) {
      this.#type = type
      if (type === 0x21) this.#error = this.#firstWord(bytes, content, content + length)
    } else if (this.#asksNotice) this.#note(bytes, content, content + Math.max(0, length))
    if (length === streamed) return this.#beginChunks(content - start)
    if (length === -1 || (type === 0x3b && length === 0)) {
      this.#inChunks = false
      this.#left--
      return content - start
    }
    if (!this.#inChunks) this.#left--
    return this.#pass(start, content + length + 2, end)
  }

  #beginChunks(taken: number): number {
    this.#inChunks = true
    return taken
  }

  #pass(start: number, whole: number, end: number): number {
    if (whole <= end) return whole - start
    this.#passing = true
    this.stream.skip(whole - end)
    return end - start
  }

  #aggregate(type: number, bytes: Uint8Array, start: number, end: number): number {
    const count = this.#header.read(bytes, start, end)
    if (count === unfinished) return needMore
    if (count === unreadable || count > elementsMax || this.#inChunks) return notMine
    const isAttribute = type === 0x7c
    if (this.#isFirst() && !isAttribute) {
      this.#type = type
      this.#asksNotice = type === 0x3e ? count > 0 : count === 3 || count === 4
      // in RESP2 a message comes as an array of three or four
      this.#mayBeNotice = type === 0x3e || this.#isSubscribed() || this.#pairs.count === 0
    } else this.#asksNotice = false
    if (count === streamed) return this.#beginStreamed() ? this.#header.end - start : notMine
    const elements = Math.max(0, count) * (type === 0x25 || isAttribute ? 2 : 1)
    this.#left += isAttribute ? elements : elements - 1
    return this.#header.end - start
  }

  #beginStreamed(): boolean {
    if (this.#outer.length >= depthMax) return false
    this.#outer.push(this.#left)
    this.#left = Number.POSITIVE_INFINITY
    return true
  }

  #endStreamed(): boolean {
    const left = this.#outer.pop()
    if (left === undefined) return false
    this.#left = left - 1
    return true
  }

  /** The value at hand is the reply itself, not an element of it nor of its attributes. */
  #isFirst(): boolean {
    return this.#type === 0 && this.#left === 1
  }

  #note(bytes: Uint8Array, start: number, end: number): void {
    this.#asksNotice = false
    if (end - start > wordMax - 2) return
    const word = this.#words.text(bytes, start, end)
    if (word === 'REPLCONF') this.isReplica = true
    if (!this.#mayBeNotice) return
    if (messages.has(word)) this.#notice = 'message'
    else if (confirmation.test(word)) this.#notice = 'confirmation'
  }

  /** `WRONGTYPE` of `WRONGTYPE Operation against ...`. */
  #firstWord(bytes: Uint8Array, start: number, end: number): string {
    let last = start
    const stop = Math.min(end, start + wordMax)
    while (last < stop && bytes[last] > 0x20) last++
    const word = this.#words.text(bytes, start, last)
    return /^[A-Z][A-Z0-9_]*$/.test(word) ? word : 'ERR'
  }

  /** The reply is whole. */
  #end(endOffset: number): void {
    const kind = this.#pairs.oldest?.kind
    if (this.#notice === 'message' || this.isReplica) return
    if (this.#notice === 'confirmation' && kind !== subscription) return
    if (this.#type === 0x3e && this.#notice === 'none') return
    const answer = this.#answer
    answer.status = this.#error === '' ? 'OK' : this.#error
    answer.outcome = outcomeOf(this.#error)
    answer.endUs = this.stream.lastUs
    answer.bytes = endOffset - this.#startOffset
    answer.gap = this.stream.gapped
    this.#pairs.answer(answer)
    if (this.#error === '' && kind === monitor) this.#monitoring = true
    if (kind === reset) this.#monitoring = false
    if (this.#error === '' && kind === replication) this.#replicate()
  }

  #replicate(): void {
    this.replicating = true
    this.stream.stop()
  }
}

function outcomeOf(error: string): Outcome {
  if (error === '') return 'ok'
  return warnings.has(error) ? 'warning' : 'error'
}
