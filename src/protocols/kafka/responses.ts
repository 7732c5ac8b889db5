import type { Interner } from '#lib/intern.ts'
import { emptyAnswer } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { errorName, outcomeOf } from './errors.ts'
import { lengthBytes, messageMax, skipTagged } from './header.ts'
import { apis, apiVersions } from './layout.ts'
import { keyOf, namesOf, versionOf } from './requests.ts'
import type { Topics } from './topics.ts'
import { Walk } from './walk.ts'

/** Bytes of a response that are read: error codes of the first topics and partitions, names of the first topics. */
const responseRead = 8192
const correlationBytes = 4
/** What an API says of which we know nothing. */
const answered = 'ANSWERED'

/** The server's side: responses as far as they have error codes. */
export class Responses implements Frames {
  readonly stream = new Stream(this)
  /** Where responses begin was lost: what looks like one has to answer a request. */
  isSought = false

  readonly #pairs: PairsByNumber
  readonly #walk: Walk
  readonly #mayBeTokens: () => boolean
  readonly #answer = emptyAnswer()
  /** Of the response whose last bytes have not come yet; undefined: there is none. */
  #correlation: number | undefined

  constructor(
    pairs: PairsByNumber,
    topics: Topics,
    options: DecoderOptions,
    mayBeTokens: () => boolean,
  ) {
    this.#pairs = pairs
    this.#mayBeTokens = mayBeTokens
    const names: Interner = namesOf(options)
    this.#walk = new Walk((start, end, idAt) => {
      const { bytes } = this.#walk.reader
      topics.learn(bytes, idAt, names.text(bytes, start, end))
    })
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { reader } = this.#walk
    if (end - start < lengthBytes) return needMore
    const length = reader.reset(bytes, start, end).i32()
    if (length < correlationBytes && !this.#mayBeTokens()) return notMine
    if (length < 0 || length > messageMax) return notMine
    const read = lengthBytes + Math.min(length, responseRead)
    if (end - start < read) return needMore
    if (this.isSought && !this.#mayBegin(bytes, start, end)) return notMine
    reader.reset(bytes, start + lengthBytes, start + read)
    this.isSought = false
    const whole = lengthBytes + length
    this.#read(whole)
    this.stream.skip(whole - read)
    if (whole === read) this.#end()
    return read
  }

  skipped(): void {
    this.#end()
  }

  broken(): void {
    this.isSought = true
    this.#correlation = undefined
  }

  /** Where the response to a request begins that waits, or, where bytes end, may begin. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) if (this.#mayBegin(bytes, i, end)) return i
    return -1
  }

  #mayBegin(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] >= messageMax >> 24) return false
    if (end - start < lengthBytes + correlationBytes) return true
    const { reader } = this.#walk
    const length = reader.reset(bytes, start, end).i32()
    return length >= correlationBytes && this.#pairs.waiting(reader.i32()) !== undefined
  }

  #read(whole: number): void {
    const walk = this.#walk
    const { reader } = walk
    const answer = this.#answer
    const correlation = reader.i32()
    this.#correlation = reader.short ? undefined : correlation
    const kind = this.#pairs.waiting(correlation)?.kind ?? -1
    const key = keyOf(kind)
    const api = apis[key]
    answer.bytes = whole
    answer.status = answered
    answer.outcome = 'ok'
    if (kind < 0 || !api?.answers) return
    const version = versionOf(kind)
    const isFlexible = version >= api.flexible
    if (isFlexible && key !== apiVersions) skipTagged(reader)
    walk.read(api.answers, version, isFlexible)
    answer.status = errorName(walk.error)
    // who asks for too late a version learns which there are, and asks again
    const isUsual = key === apiVersions && answer.status === 'UNSUPPORTED_VERSION'
    answer.outcome = isUsual ? 'ok' : outcomeOf(walk.error)
  }

  #end(): void {
    const { stream } = this
    const answer = this.#answer
    answer.endUs = stream.lastUs
    answer.gap = stream.gapped
    stream.gapped = false
    if (this.#correlation !== undefined) this.#pairs.answer(this.#correlation, answer)
    this.#correlation = undefined
  }
}
