import type { Interner } from '#lib/intern.ts'
import { nameText } from '../name-text.ts'
import type { Waiting } from '../pair.ts'
import type { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { detect, mayBeRequest } from './detect.ts'
import { lengthBytes, messageMax, RequestHeader, requestRead } from './header.ts'
import { apis, saslHandshake } from './layout.ts'
import type { Topics } from './topics.ts'
import { Walk } from './walk.ts'

/** How names of topics, groups and transactions are shown. */
export const namesOf = ({ interners }: DecoderOptions): Interner =>
  interners.named('kafka name', nameText)

/** An incremental fetch of a session that began before we listened. */
const unknownSession = '<fetch session>'

/** What a waiting request's `kind` says: which API, in which version. */
export const kindOf = (key: number, version: number): number => (key << 8) | version
/** The API that a `kind` says. */
export const keyOf = (kind: number): number => kind >> 8
/** Its version. */
export const versionOf = (kind: number): number => kind & 0xff

/** The client's side: requests up to what they are about. */
export class Requests implements Frames {
  readonly stream = new Stream(this)
  /** Opaque tokens may come instead of requests, and be answered by such. */
  mayBeTokens = false

  readonly #pairs: PairsByNumber
  readonly #topics: Topics
  readonly #names: Interner
  readonly #header = new RequestHeader()
  readonly #walk = new Walk()
  /** Where requests begin was lost: what looks like one has to prove it. */
  #isSought = false
  /** What the last full fetch was about. */
  #fetched = unknownSession
  /** The last request that the server may let wait, and how long. */
  #patient: { readonly asked: Waiting; readonly untilUs: number } | undefined

  constructor(pairs: PairsByNumber, topics: Topics, options: DecoderOptions) {
    this.#pairs = pairs
    this.#topics = topics
    this.#names = namesOf(options)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { stream } = this
    const { reader } = this.#walk
    if (end - start < lengthBytes) return needMore
    const length = reader.reset(bytes, start, end).i32()
    if (length < 0 || length > messageMax) return notMine
    const read = lengthBytes + Math.min(length, requestRead)
    if (end - start < read) return needMore
    reader.end = start + read
    if (this.#isSought && !detect(bytes, start, start + read).endsWith('request')) return notMine
    this.#isSought = false
    if (this.#header.read(reader)) this.#ask(lengthBytes + length)
    else if (!this.mayBeTokens) return notMine
    stream.skip(lengthBytes + length - read)
    return read
  }

  /** No more comes. Who leaves while a request may wait, as consumers do, has not been failed. */
  close(timeUs: number): void {
    if (this.#patient && timeUs <= this.#patient.untilUs) this.#patient.asked.quiet = true
  }

  /** Records that are missing are not missed. */
  skipped(): void {
    this.stream.gapped = false
  }

  broken(): void {
    this.#isSought = true
  }

  /** Where a piece begins, or anywhere in it: a header with the name of a client is long enough to be one. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) if (mayBeRequest(bytes, i, end)) return i
    return -1
  }

  #ask(length: number): void {
    const { stream } = this
    const { key, version, api, isFlexible, correlation } = this.#header
    this.mayBeTokens = key === saslHandshake && version === 0
    const walk = this.#walk
    walk.read(api?.asks ?? [], version, isFlexible)
    const method = api?.name ?? `API ${key}`
    const resource = this.#resource(key)
    const gap = stream.gapped
    stream.gapped = false
    if (walk.isSilent) {
      this.#pairs.say(method, resource, stream.firstUs, length, gap)
      return
    }
    const asked = this.#pairs.ask(correlation, method, resource, stream.firstUs)
    asked.bytes = length
    asked.gap = gap
    asked.kind = kindOf(key, version)
    if (walk.waitMs > 0) this.#patient = { asked, untilUs: stream.firstUs + walk.waitMs * 1000 }
  }

  #resource(key: number): string {
    const walk = this.#walk
    const { bytes } = walk.reader
    const { shownStart, shownEnd, idAt, count, session } = walk
    let name = ''
    if (shownEnd > shownStart) name = this.#names.text(bytes, shownStart, shownEnd)
    else if (idAt >= 0) name = this.#topics.name(bytes, idAt)
    if (count > 1) name += ` +${count - 1}`
    if (apis[key]?.name !== 'Fetch') return name
    if (name === '' && session !== 0) return this.#fetched
    if (session === 0 || this.#fetched === unknownSession) this.#fetched = name
    return name
  }
}
