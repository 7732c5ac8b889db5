import { isDigit } from '#lib/bytes.ts'
import { latin1 } from '#lib/text.ts'
import {
  b3,
  b3TraceId,
  TraceContext,
  type TraceField,
  traceIdOf,
  traceparent,
} from '../trace-context.ts'
import { colon, comma, lowercase, space, tab, zero } from './line.ts'

/** Fields that frame a message, and those of a trace. */
type Field = 'length' | 'coding' | 'upgrade' | 'other' | TraceField

/** 1 for first bytes of lines that may matter: C, T, and the white space of folded lines. */
const ofBody = firstBytes('CcTt \t')
/** So too for `Upgrade`. */
const ofSwitch = firstBytes('CcTtUu \t')
/** And for `b3` and `X-B3-TraceId`. */
const ofTrace = firstBytes('BbCcTtXx \t')

/** Bytes of an `Upgrade` field that are looked at. */
const upgradeMax = 256

/**
 * What the fields of a head say of the length of its body (RFC 9112, 6), and that of 101 of the protocol that follows
 * (RFC 9110, 7.8). Of a request, which trace it is part of. All other fields are passed over.
 */
export class Framing {
  /** Content-Length; undefined without one, or with one that contradicts itself. */
  length: number | undefined
  /** Transfer-Encoding is given; it decides alone (RFC 9112, 6.3). */
  coded = false
  /** Among the codings is `chunked`. */
  chunked = false
  /** First bytes of the lines that are to be read. */
  matters = ofBody
  /** Names in `Upgrade` in small letters, those of a head that `switches`. */
  upgrades: string[] = []
  /** What a head that `asks` says of its trace. */
  readonly trace = new TraceContext()

  #field: Field = 'other'
  #contradicted = false

  /** A new head begins. */
  reset(): void {
    this.length = undefined
    this.coded = false
    this.chunked = false
    this.matters = ofBody
    this.#field = 'other'
    this.#contradicted = false
  }

  /** The head that begins is that of a request: its trace matters too. */
  asks(): void {
    this.matters = ofTrace
    this.trace.reset()
  }

  /** The head that begins is that of a 101: which protocol follows matters too. */
  switches(): void {
    this.matters = ofSwitch
    this.upgrades = []
  }

  /** A line of the head whose first byte does not matter. */
  pass(): void {
    this.#field = 'other'
  }

  /** A line of the head, without its end. Looked at only if its name begins like one that matters. */
  read(bytes: Uint8Array, start: number, end: number): void {
    const first = bytes[start] | 0x20
    if (first === 0x63) this.#field = this.#named(contentLength, bytes, start, end, 'length')
    else if (first === 0x74) this.#field = this.#beginsWithT(bytes, start, end)
    else if (first === 0x78) this.#field = this.#named(b3TraceIdName, bytes, start, end, b3TraceId)
    else if (first === 0x62) this.#field = this.#named(b3Name, bytes, start, end, b3)
    else if (first === 0x75) this.#field = this.#named(upgrade, bytes, start, end, 'upgrade')
    else if (bytes[start] === space || bytes[start] === tab) {
      // a folded line (RFC 9112, 5.2) goes on with the value of the field before it
      this.#value(this.#field, bytes, start, end)
    } else this.#field = 'other'
  }

  #beginsWithT(bytes: Uint8Array, start: number, end: number): Field {
    const field = this.#named(transferEncoding, bytes, start, end, 'coding')
    if (field !== 'other' || this.matters !== ofTrace) return field
    return this.#named(traceparentName, bytes, start, end, traceparent)
  }

  #named(name: Uint8Array, bytes: Uint8Array, start: number, end: number, field: Field): Field {
    const { length } = name
    if (end - start <= length) return 'other'
    for (let i = 1; i < length; i++) if ((bytes[start + i] | 0x20) !== name[i]) return 'other'
    let at = start + length
    while (at < end && (bytes[at] === space || bytes[at] === tab)) at++
    if (bytes[at] !== colon) return 'other'
    this.#value(field, bytes, at + 1, end)
    return field
  }

  #value(field: Field, bytes: Uint8Array, start: number, end: number): void {
    if (field === 'length') this.#lengthValue(bytes, start, end)
    else if (field === 'coding') this.#codingValue(bytes, start, end)
    else if (field === 'upgrade') this.#upgradeValue(bytes, start, end)
    else if (field !== 'other') this.trace.take(field, traceIdOf(field, bytes, start, end))
  }

  /** A list of equal numbers counts as one (RFC 9112, 6.3); anything else contradicts itself. */
  #lengthValue(bytes: Uint8Array, start: number, end: number): void {
    let at = start
    while (at < end) {
      while (at < end && (bytes[at] === space || bytes[at] === tab || bytes[at] === comma)) at++
      if (at === end) return
      let length = 0
      const digits = at
      while (at < end && isDigit(bytes[at])) length = length * 10 + bytes[at++] - zero
      const agrees = this.length === undefined || this.length === length
      if (digits === at || !agrees || length > Number.MAX_SAFE_INTEGER || this.#contradicted) {
        this.#contradicted = true
        this.length = undefined
        return
      }
      this.length = length
    }
  }

  /** `chunked` anywhere in the list: it must stand last, but servers that are asked wrongly do read it so. */
  #codingValue(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (bytes[at] <= space || bytes[at] === comma) continue
      this.coded = true
      const first = at
      while (at < end && bytes[at] > space && bytes[at] !== comma) at++
      if (isChunked(bytes, first, at)) this.chunked = true
    }
  }

  #upgradeValue(bytes: Uint8Array, start: number, end: number): void {
    const text = latin1(bytes, start, Math.min(end, start + upgradeMax)).toLowerCase()
    for (const [name] of text.matchAll(/[^\s,]+/g)) this.upgrades.push(name)
  }
}

function firstBytes(chars: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const char of chars) table[char.charCodeAt(0)] = 1
  return table
}

function isChunked(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== chunkedName.length) return false
  for (let i = 0; i < chunkedName.length; i++) {
    if ((bytes[start + i] | 0x20) !== chunkedName[i]) return false
  }
  return true
}

const contentLength = lowercase('content-length')
const transferEncoding = lowercase('transfer-encoding')
const upgrade = lowercase('upgrade')
const traceparentName = lowercase('traceparent')
const b3Name = lowercase('b3')
const b3TraceIdName = lowercase('x-b3-traceid')
const chunkedName = lowercase('chunked')
