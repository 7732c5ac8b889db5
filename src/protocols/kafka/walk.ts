import { ByteReader } from '#lib/byte-reader.ts'
import { readVarint, skipTagged } from './header.ts'
import { type Kind, type Step, uuidBytes } from './layout.ts'

/** Gets a topic's name, `[nameStart, nameEnd)`, and its id behind it, at `idAt`. */
export type Teaching = (nameStart: number, nameEnd: number, idAt: number) => void

/** Reads a message along its layout. What it found is in its fields until the next `read`. */
export class Walk {
  readonly reader = new ByteReader()
  /** What the request is about: `bytes[shownStart, shownEnd)`, empty if not said. */
  shownStart = 0
  shownEnd = 0
  /** Where the id of the topic it is about stands; -1: nowhere, or it is all zeros. */
  idAt = -1
  /** Of how many it is the first. */
  count = 0
  /** The first error code that is none of 0. */
  error = 0
  /** No response is wanted. */
  isSilent = false
  /** Milliseconds for which the server may let it wait. */
  waitMs = 0
  /** Of an incremental fetch. */
  session = 0

  readonly #teach: Teaching | undefined
  #version = 0
  #isFlexible = false
  /** Of the array at hand. */
  #elements = 0
  /** The element at hand is the first, so what it has to show counts. */
  #isFirst = true
  #isDone = false
  /** The name of a topic whose id may follow. */
  #topicStart = 0
  #topicEnd = 0

  constructor(teach?: Teaching) {
    this.#teach = teach
  }

  /** The message was read as far as its layout goes, and that is all of it. */
  get isWhole(): boolean {
    const { bytes, at, left, short } = this.reader
    if (short || this.#isDone) return false
    return this.#isFlexible ? left === 1 && bytes[at] === 0 : left === 0
  }

  /** Reads on from where its `reader` stands. What is cut short is left out: `reader.short`. */
  read(steps: readonly Step[], version: number, isFlexible: boolean): void {
    this.shownStart = 0
    this.shownEnd = 0
    this.idAt = -1
    this.count = 0
    this.error = 0
    this.isSilent = false
    this.waitMs = 0
    this.session = 0
    this.#version = version
    this.#isFlexible = isFlexible
    this.#isDone = false
    this.#elements = 0
    this.#isFirst = true
    this.#topicEnd = this.#topicStart
    this.#structure(steps)
  }

  #structure(steps: readonly Step[]): void {
    const version = this.#version
    for (const step of steps) {
      if (version < step.first || version > step.last) continue
      this.#field(step)
      if (this.reader.short || this.#isDone) return
    }
  }

  #field(step: Step): void {
    const { reader } = this
    const { kind } = step
    if (kind === 'array') this.#array(step)
    else if (kind === 'error') this.#error(reader.i16())
    else if (kind === 'string') reader.skip(this.#length(2))
    else if (kind === 'bytes') reader.skip(this.#length(4))
    else if (step.bytes > 0) reader.skip(step.bytes)
    else this.#special(kind)
  }

  #special(kind: Kind): void {
    const { reader } = this
    if (kind === 'acks') this.isSilent = reader.i16() === 0 && !reader.short
    else if (kind === 'wait') this.waitMs = reader.i32()
    else if (kind === 'session') this.session = reader.i32()
    else if (kind === 'topicId') this.#id(reader.at)
    else {
      const length = this.#length(2)
      const start = reader.at
      reader.skip(length)
      if (!reader.short) this.#text(kind === 'topic', start, reader.at)
    }
  }

  #text(isTopic: boolean, start: number, end: number): void {
    if (isTopic) {
      this.#topicStart = start
      this.#topicEnd = end
    } else if (end > start && this.#isFirst) {
      this.shownStart = start
      this.shownEnd = end
      this.count = this.#elements
    }
  }

  #id(at: number): void {
    const { reader } = this
    reader.skip(uuidBytes)
    if (reader.short) return
    let isZero = true
    for (let i = at; i < at + uuidBytes; i++) if (reader.bytes[i] !== 0) isZero = false
    if (isZero) return
    if (this.#topicEnd > this.#topicStart) this.#teach?.(this.#topicStart, this.#topicEnd, at)
    this.#topicEnd = this.#topicStart
    if (!this.#isFirst) return
    this.idAt = at
    this.count = this.#elements
  }

  #error(code: number): void {
    if (this.error === 0 && !this.reader.short) this.error = code
  }

  /** Bytes of a text or other bytes; null counts as none. */
  #length(width: 2 | 4): number {
    const { reader } = this
    if (this.#isFlexible) return Math.max(0, readVarint(reader) - 1)
    return Math.max(0, width === 2 ? reader.i16() : reader.i32())
  }

  #array(step: Step): void {
    const { reader } = this
    const elements = this.#isFlexible ? readVarint(reader) - 1 : reader.i32()
    const isFirst = this.#isFirst
    for (let i = 0; i < elements && !reader.short && !this.#isDone; i++) {
      const { at } = reader
      this.#elements = elements
      this.#isFirst = isFirst && i === 0
      this.#element(step)
      if (reader.at === at) break
    }
    this.#isFirst = isFirst
  }

  #element(step: Step): void {
    this.#structure(step.each)
    if (this.reader.short || this.#isDone) return
    if (!step.isClosed) this.#isDone = true
    else if (step.isStructured && this.#isFlexible) skipTagged(this.reader)
  }
}
