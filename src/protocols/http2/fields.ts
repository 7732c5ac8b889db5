import { begins } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import { cut, latin1 } from '#lib/text.ts'
import type { DecoderOptions } from '../protocol.ts'
import { rawTarget, safeTarget, targetBytesMax } from '../target.ts'
import {
  TraceContext,
  type TraceField,
  traceIdOf,
  traceparent,
  traceValueMax,
} from '../trace-context.ts'
import { DynamicTable } from './dynamic-table.ts'
import { FieldCursor } from './field-cursor.ts'
import { decodeHuffman, encodeHuffman } from './huffman.ts'
import {
  authorityField,
  b3Field,
  b3TraceIdField,
  contentTypeField,
  type FieldKind,
  grpcStatusField,
  methodField,
  otherField,
  pathField,
  schemeField,
  staticEntries,
  staticKinds,
  staticTexts,
  statusField,
  traceparentField,
  unknownField,
} from './static-table.ts'

/** Characters of a method, a status, a content type that are kept. */
const textCharsMax = 64
/** A request has these first: method, scheme, authority, path (RFC 9113, 8.3.1). */
const pseudoFieldsMax = 4

/** The content type of gRPC, with or without what its messages are in; that of gRPC-Web is another. */
const grpcType = /^application\/grpc($|[+;])/
const statusCode = /^[1-9]\d\d$/

/** Names that may be spelled out, with what they are to us. */
const names: readonly (readonly [FieldKind, plain: Uint8Array, coded: Uint8Array])[] = (
  [
    [methodField, ':method'],
    [pathField, ':path'],
    [authorityField, ':authority'],
    [schemeField, ':scheme'],
    [statusField, ':status'],
    [contentTypeField, 'content-type'],
    [grpcStatusField, 'grpc-status'],
    [traceparentField, 'traceparent'],
    [b3Field, 'b3'],
    [b3TraceIdField, 'x-b3-traceid'],
  ] as const
).map(([kind, name]) => [kind, Buffer.from(name), encodeHuffman(name)])

/** Bytes of a traceparent that is Huffman coded: 55 characters, none shorter than five bits. */
const traceparentMin = 35

const slash = 0x2f
/** The six bits of `/`, and how many bits follow them in the byte. */
const slashCode = encodeHuffman('/')[0] >> 2
const grpcPlain = Buffer.from('application/grpc')
/** All whole bytes of it: in the last one others follow. */
const grpcCoded = encodeHuffman('application/grpc').subarray(0, -1)

/**
 * Reads the header blocks of one side (HPACK, RFC 7541), in order, and keeps what we tell of each: the pseudo-fields, the
 * content type if it is gRPC's, gRPC's status, and of a request its trace. All other values are passed over, never decoded.
 */
export class Fields {
  readonly table = new DynamicTable()
  /** Of the last block; undefined: it says none, or none that can be known. */
  method: string | undefined
  path: string | undefined
  authority: string | undefined
  status: string | undefined
  grpcStatus: string | undefined
  /** True for gRPC's content type, false for another, undefined for none. */
  isGrpc: boolean | undefined
  /** Pseudo-fields that only requests have. */
  isRequest = false
  /** Something in it refers to what was said before we listened. */
  hasUnknown = false
  readonly trace = new TraceContext()

  readonly #asks: boolean
  readonly #cursor = new FieldCursor()
  readonly #targets: Interner
  readonly #codedTargets: Interner
  readonly #texts: Interner
  readonly #codedTexts: Interner
  #count = 0

  /** `asks`: of the client's side. */
  constructor(asks: boolean, { interners, raw }: DecoderOptions) {
    this.#asks = asks
    const target = raw ? rawTarget : safeTarget
    this.#targets = interners.named('http target', target)
    this.#codedTargets = interners.named('http2 coded target', coded(target, targetBytesMax))
    this.#texts = interners.named('http2 text', shortText)
    this.#codedTexts = interners.named('http2 coded text', coded(shortText, textCharsMax * 2))
  }

  /** Reads the next block. False: it is none, or was broken from somewhere on, and the table is not to be believed. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.#clear()
    const cursor = this.#cursor
    cursor.reset(bytes, start, end)
    while (cursor.next()) {
      if (cursor.representation === 'size') {
        this.table.resize(cursor.index)
        continue
      }
      if (cursor.representation === 'indexed') this.#indexed(cursor.index)
      else this.#literal(bytes)
      this.#count++
    }
    return !cursor.broken
  }

  /** A block was missed: what it said, and what it added to the table. */
  forget(): void {
    this.#clear()
    this.hasUnknown = true
    this.table.forget()
  }

  #clear(): void {
    this.method = undefined
    this.path = undefined
    this.authority = undefined
    this.status = undefined
    this.grpcStatus = undefined
    this.isGrpc = undefined
    this.isRequest = false
    this.hasUnknown = false
    this.trace.reset()
    this.#count = 0
  }

  #indexed(index: number): void {
    if (index <= staticEntries) this.#take(staticKinds[index], staticTexts[index])
    else {
      const age = index - staticEntries
      this.#take(this.table.kind(age), this.table.text(age))
    }
  }

  #literal(bytes: Uint8Array): void {
    const { valueStart, valueEnd, valueCoded, added, index } = this.#cursor
    const kind = this.#kind(bytes)
    const text = this.#text(kind, bytes, valueStart, valueEnd, valueCoded)
    this.#take(kind, text)
    if (!added) return
    const nameLength = index === 0 ? this.#cursor.nameEnd - this.#cursor.nameStart : 0
    this.table.add(kind, text, nameLength + valueEnd - valueStart)
  }

  #kind(bytes: Uint8Array): FieldKind {
    const { index, nameStart, nameEnd, nameCoded } = this.#cursor
    if (index > staticEntries) {
      const kind = this.table.kind(index - staticEntries)
      return kind === unknownField ? this.#guess(bytes) : kind
    }
    if (index > 0) return staticKinds[index]
    for (const [kind, plain, coded] of names) {
      if (isEqual(bytes, nameStart, nameEnd, nameCoded ? coded : plain)) return kind
    }
    return otherField
  }

  /**
   * What a field is whose name was said before we listened. Of the four that a request has first only its path begins
   * with a slash; only one field has the name of gRPC's type as its value, and only one looks like a traceparent.
   */
  #guess(bytes: Uint8Array): FieldKind {
    const { valueStart, valueEnd, valueCoded } = this.#cursor
    if (valueStart === valueEnd) return unknownField
    const first = bytes[valueStart]
    const slashed = valueCoded ? first >> 2 === slashCode : first === slash
    if (slashed && this.#asks && this.#count < pseudoFieldsMax) return pathField
    const type = valueCoded ? grpcCoded : grpcPlain
    const typed = isEqual(bytes, valueStart, Math.min(valueEnd, valueStart + type.length), type)
    if (typed) return contentTypeField
    if (valueEnd - valueStart < traceparentMin) return unknownField
    return this.#traceId(traceparent, bytes) === '' ? unknownField : traceparentField
  }

  #text(kind: FieldKind, bytes: Uint8Array, start: number, end: number, isCoded: boolean): string {
    if (kind === pathField || kind === authorityField) {
      return (isCoded ? this.#codedTargets : this.#targets).text(bytes, start, end)
    }
    if (kind < methodField || kind === schemeField) return ''
    if (kind >= traceparentField) return this.#traceId(traceFieldOf(kind), bytes)
    return (isCoded ? this.#codedTexts : this.#texts).text(bytes, start, end)
  }

  /** No two requests have the same: it is not interned. */
  #traceId(field: TraceField, bytes: Uint8Array): string {
    if (!this.#asks) return ''
    const { valueStart, valueEnd, valueCoded } = this.#cursor
    if (!valueCoded) return traceIdOf(field, bytes, valueStart, valueEnd) ?? ''
    const plain = decodeHuffman(bytes, valueStart, valueEnd, traceValueMax)
    return (plain && traceIdOf(field, plain, 0, plain.length)) ?? ''
  }

  #take(kind: FieldKind, text: string): void {
    switch (kind) {
      case unknownField:
        this.hasUnknown = true
        break
      case methodField:
        this.method = text
        this.isRequest = true
        break
      case pathField:
        this.path = text
        this.isRequest = true
        break
      case authorityField:
        this.authority = text
        this.isRequest = true
        break
      case schemeField:
        this.isRequest = true
        break
      case statusField:
        if (statusCode.test(text)) this.status = text
        break
      case contentTypeField:
        this.isGrpc = grpcType.test(text)
        break
      case grpcStatusField:
        this.grpcStatus = text
        break
      default:
        if (kind >= traceparentField && text !== '') this.trace.take(traceFieldOf(kind), text)
    }
  }
}

const traceFieldOf = (kind: FieldKind) => (kind - traceparentField) as TraceField

function shortText(bytes: Uint8Array, start: number, end: number): string {
  return cut(latin1(bytes, start, Math.min(end, start + textCharsMax * 2)), textCharsMax)
}

/** The same of a string that is Huffman coded; one that is none is empty. */
function coded(
  decode: (bytes: Uint8Array, start: number, end: number) => string,
  bytesMax: number,
): typeof decode {
  return (bytes, start, end) => {
    const plain = decodeHuffman(bytes, start, end, bytesMax)
    return plain === undefined ? '' : decode(plain, 0, plain.length)
  }
}

function isEqual(bytes: Uint8Array, start: number, end: number, what: Uint8Array): boolean {
  return end - start === what.length && begins(bytes, start, end, what)
}
