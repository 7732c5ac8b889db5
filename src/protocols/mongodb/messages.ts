import { begins, int32le } from '#lib/bytes.ts'
import type { Side } from '#model/side.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { documentBytesMin, nameBytesMax, sizeUnknown, valueSize, zeroAt } from './bson.ts'
import { inflate, inflatedMax, inflatesUpTo } from './compressed.ts'
import { findMessage } from './detect.ts'
import {
  checksumPresent,
  headerBytes,
  knownMsgBits,
  messageLength,
  opCompressed,
  opGetMore,
  opInsert,
  opKillCursors,
  opMsg,
  opQuery,
  opReply,
  sends,
} from './header.ts'

/** Longest `db.collection` that is believed: servers take 255 bytes. */
export const namespaceBytesMax = 512
/** Numbers before the documents of OP_REPLY, and those behind the namespace of OP_QUERY. */
const replyHeadBytes = 20
const queryTailBytes = 8
/** Opcode, length and compressor of what OP_COMPRESSED holds. */
const compressedHeadBytes = 9

/** The message at hand; there is one for each side, filled anew. */
export interface Message {
  opcode: number
  id: number
  responseTo: number
  /** Bytes on the wire. */
  length: number
  startUs: number
  /** Flag bits of OP_MSG, OP_QUERY and OP_REPLY. */
  flags: number
  /** Number of the compressor, of one that was compressed; 0: it was not. */
  compressor: number
  gap: boolean
}

/** An element of a document, in the bytes at hand: valid only during the call that gets it. */
export interface Element {
  bytes: Uint8Array
  type: number
  nameStart: number
  nameEnd: number
  valueStart: number
  /** The value is here up to this index, which may not be all of it. */
  valueEnd: number
  isFirst: boolean
}

/** What reads the messages of a side: it sees what it asks for. */
export interface Reader {
  /** A header was read. */
  begin(message: Message): void
  /** `db.collection`, of messages that are older than OP_MSG. Answers whether their first document is of interest. */
  namespace(message: Message, bytes: Uint8Array, start: number, end: number): boolean
  /** Whether the first document of an OP_REPLY is of interest. */
  readsReply(message: Message): boolean
  /** How many bytes of an element's value must be here for `read`; less than 0: it is not of interest. */
  needs(element: Element): number
  /** An element that is of interest. False: it cannot be so. */
  read(element: Element): boolean
  /** The message is complete. `isRead` false: it was compressed, and stays so. */
  end(message: Message, isRead: boolean, endUs: number): void
  /** The message is not complete and will not be: bytes were `lost`, or were no message. */
  broken(message: Message | undefined, lost: boolean): void
}

/** What the next bytes of a message are. */
type Part = 'header' | 'head' | 'section' | 'document' | 'element' | 'rest'

/** Reads the messages of a side as far as its reader wants to know them; everything else is passed over. */
export class Messages implements Frames {
  readonly stream = new Stream(this)
  readonly #side: Side
  readonly #reader: Reader
  readonly #message: Message = {
    opcode: 0,
    id: 0,
    responseTo: 0,
    length: 0,
    startUs: 0,
    flags: 0,
    compressor: 0,
    gap: false,
  }
  #part: Part = 'header'
  /** Bytes of the message, and of its document, that were not read yet. */
  #left = 0
  #documentLeft = 0
  readonly #current: Element = {
    bytes: new Uint8Array(0),
    type: 0,
    nameStart: 0,
    nameEnd: 0,
    valueStart: 0,
    valueEnd: 0,
    isFirst: false,
  }
  #isRead = true
  /** Offset in the stream behind the message. */
  #endOffset = 0

  constructor(side: Side, reader: Reader) {
    this.#side = side
    this.#reader = reader
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end) {
      const taken = this.#read(bytes, at, end)
      if (taken === notMine) return notMine
      if (taken === needMore) break
      at += taken
      if (this.#left === 0 && at <= end) this.#end()
      if (this.#part === 'header') break
    }
    if (at > end) this.stream.skip(at - end)
    return Math.min(at, end) - start
  }

  skipped(): void {
    if (this.#left === 0 && this.#part !== 'header') this.#end()
  }

  broken(lost: boolean): void {
    const begun = this.#part !== 'header'
    this.#part = 'header'
    this.#reader.broken(begun ? this.#message : undefined, lost)
    // the length of a message that lost some of its bytes still says where the next one begins
    if (begun && lost) this.stream.skip(this.#endOffset - this.stream.position)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    return findMessage(this.#side, bytes, start, end)
  }

  /** Reads one part; answers its bytes, those that are still to come included. */
  #read(bytes: Uint8Array, at: number, end: number): number {
    if (this.#part === 'header') return this.#header(bytes, at, end)
    const taken = this.#body(bytes, at, end)
    if (taken > this.#left) return notMine
    if (taken > 0) this.#left -= taken
    return taken
  }

  #body(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#part) {
      case 'element':
        return this.#element(bytes, at, end)
      case 'section':
        return this.#section(bytes, at, end)
      case 'document':
        return this.#document(bytes, at, end)
      case 'head':
        return this.#head(bytes, at, end)
      default:
        return this.#left
    }
  }

  #header(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < headerBytes) return needMore
    const length = messageLength(bytes, at)
    const opcode = int32le(bytes, at + 12)
    if (length === 0 || !sends(this.#side, opcode)) return notMine
    const message = this.#message
    message.opcode = opcode
    message.id = int32le(bytes, at + 4)
    message.responseTo = int32le(bytes, at + 8)
    message.length = length
    message.startUs = this.stream.firstUs
    message.flags = 0
    message.compressor = 0
    message.gap = false
    this.stream.gapped = false
    this.#endOffset = this.stream.position + length
    this.#left = length - headerBytes
    this.#part = 'head'
    this.#isRead = true
    this.#reader.begin(message)
    return headerBytes
  }

  /** What stands before the documents. */
  #head(bytes: Uint8Array, at: number, end: number): number {
    const { opcode } = this.#message
    if (opcode === opMsg) return this.#msgHead(bytes, at, end)
    if (opcode === opReply) return this.#replyHead(bytes, at, end)
    if (opcode === opCompressed) return this.#compressed(bytes, at, end)
    if (opcode === opKillCursors) {
      this.#part = 'rest'
      return this.#left
    }
    return this.#namespace(bytes, at, end)
  }

  #msgHead(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 4) return needMore
    const flags = int32le(bytes, at)
    if (!knownMsgBits(flags)) return notMine
    this.#message.flags = flags
    this.#part = 'section'
    return 4
  }

  #replyHead(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < replyHeadBytes) return needMore
    this.#message.flags = int32le(bytes, at)
    const documents = int32le(bytes, at + 16)
    const isRead = documents > 0 && this.#reader.readsReply(this.#message)
    this.#part = isRead ? 'document' : 'rest'
    return replyHeadBytes
  }

  #namespace(bytes: Uint8Array, at: number, end: number): number {
    const { opcode } = this.#message
    if (end - at < 5) return needMore
    const stop = zeroAt(bytes, at + 4, Math.min(end, at + 4 + namespaceBytesMax))
    if (stop < 0) return end - at < 4 + namespaceBytesMax ? needMore : notMine
    const past = stop + 1 + (opcode === opQuery ? queryTailBytes : 0)
    if (past > end) return needMore
    if (opcode === opQuery || opcode === opInsert) this.#message.flags = int32le(bytes, at)
    const isRead = this.#reader.namespace(this.#message, bytes, at + 4, stop)
    this.#part = isRead && opcode !== opGetMore ? 'document' : 'rest'
    return past - at
  }

  /** Of an OP_MSG: one document (kind 0), or many (kind 1). What else there may be is the servers' own. */
  #section(bytes: Uint8Array, at: number, end: number): number {
    const checksum = (this.#message.flags & checksumPresent) === 0 ? 0 : 4
    if (this.#left <= checksum) {
      this.#part = 'rest'
      return this.#left
    }
    if (bytes[at] === 0) {
      this.#part = 'document'
      return 1
    }
    if (bytes[at] !== 1) return notMine
    if (end - at < 5) return needMore
    const size = int32le(bytes, at + 1)
    return size < 5 ? notMine : 1 + size
  }

  #document(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 4) return needMore
    const size = int32le(bytes, at)
    if (size < documentBytesMin || size > this.#left) return notMine
    this.#documentLeft = size - 4
    this.#current.isFirst = true
    this.#part = 'element'
    return 4
  }

  #element(bytes: Uint8Array, at: number, end: number): number {
    const type = bytes[at]
    if (type === 0) return this.#endOfDocument()
    const name = at + 1
    const nameEnd = zeroAt(bytes, name, Math.min(end, name + nameBytesMax))
    if (nameEnd < 0) return end - name < nameBytesMax ? needMore : notMine
    const value = nameEnd + 1
    const size = valueSize(type, bytes, value, end)
    if (size < 0) return size === sizeUnknown ? needMore : notMine
    const taken = value + size - at
    if (taken >= this.#documentLeft) return notMine
    const element = this.#current
    element.bytes = bytes
    element.type = type
    element.nameStart = name
    element.nameEnd = nameEnd
    element.valueStart = value
    const needed = Math.min(size, this.#reader.needs(element))
    if (value + needed > end) return needMore
    element.valueEnd = value + needed
    if (needed >= 0 && !this.#reader.read(element)) return notMine
    element.isFirst = false
    this.#documentLeft -= taken
    return taken
  }

  #endOfDocument(): number {
    if (this.#documentLeft !== 1) return notMine
    this.#part = 'rest'
    return 1
  }

  /** What it holds is read when it is small; otherwise it is told by its opcode. */
  #compressed(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < compressedHeadBytes) return needMore
    const opcode = int32le(bytes, at)
    const size = int32le(bytes, at + 4)
    if (opcode === opCompressed || !sends(this.#side, opcode) || size < 0) return notMine
    const isSmall = this.#left <= inflatesUpTo && size <= inflatedMax
    if (isSmall && end - at < this.#left) return needMore
    this.#message.opcode = opcode
    this.#message.compressor = bytes[at + 8]
    const body = at + compressedHeadBytes
    const past = at + this.#left
    const inflated = isSmall ? inflate(bytes[at + 8], bytes.subarray(body, past), size) : undefined
    this.#isRead = inflated !== undefined && this.#inflated(inflated)
    this.#part = 'rest'
    this.#left = past - at
    return this.#left
  }

  /** Reads what was compressed. False: it makes no sense. */
  #inflated(bytes: Uint8Array): boolean {
    this.#left = bytes.length
    this.#part = 'head'
    let at = 0
    while (this.#left > 0) {
      const taken = at < bytes.length ? this.#read(bytes, at, bytes.length) : notMine
      if (taken <= 0) return false
      at += taken
    }
    return true
  }

  #end(): void {
    const message = this.#message
    this.#part = 'header'
    message.gap = this.stream.gapped
    this.stream.gapped = false
    this.#reader.end(message, this.#isRead, this.stream.lastUs)
  }
}

/** Whether an element has that name. */
export function isNamed({ bytes, nameStart, nameEnd }: Element, name: Uint8Array): boolean {
  return nameEnd - nameStart === name.length && begins(bytes, nameStart, nameEnd, name)
}
