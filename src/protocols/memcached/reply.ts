import { begins, isDigit } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import type { Outcome } from '#model/transaction.ts'
import type { Waiting } from '../pair.ts'
import type { DecoderOptions } from '../protocol.ts'
import { needMore, notMine } from '../stream.ts'
import { binaryStatus, Header, headerBytes, keyMax, responseMagic } from './binary.ts'
import { keysOf, unconditional } from './command.ts'
import { Line, unfinished, unreadable } from './line.ts'
import {
  lastWords,
  numberOf,
  partWords,
  retrievals,
  textOutcome,
  textStatus,
  tokenHash,
} from './text.ts'

/** Data of an item that is believed. */
const dataMax = 2 ** 32
const tooLarge = Buffer.from('object too large')

/** One reply, text or binary, read part by part. One is enough for a reader; `begin` starts the next. */
export class Reply {
  /** The part at hand is the last. */
  isWhole = false
  /** Bytes of data behind what `read` took. */
  dataBytes = 0

  readonly #words: Interner
  readonly #keys: Interner
  readonly #line = new Line()
  readonly #header = new Header()
  #isBinary = false
  #word = ''
  #items = 0
  #isTooLarge = false
  /** What pairs it, as `Command.kind` (binary: opaque; meta: its hash, or 0), and the key if it tells it. */
  #kind = 0
  #key = ''

  constructor(options: DecoderOptions) {
    this.#words = options.interners.named('memcached word')
    this.#keys = keysOf(options)
  }

  begin(): void {
    this.isWhole = false
    this.#isBinary = false
    this.#word = ''
    this.#items = 0
    this.#isTooLarge = false
    this.#kind = 0
    this.#key = ''
  }

  /** Reads the part at `bytes[start]`; answers the bytes it took, `needMore` or `notMine`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.dataBytes = 0
    return bytes[start] === responseMagic
      ? this.#readBinary(bytes, start, end)
      : this.#readLine(bytes, start, end)
  }

  /** True when it may be the answer to what was asked: a quiet command gets one only if there is something to say. */
  answers(asked: Waiting): boolean {
    if (this.#isBinary) {
      if (asked.kind !== this.#kind || asked.method !== this.#header.method) return false
      return this.#key === '' || this.#key === asked.resource
    }
    if (!asked.quiet) return true
    if (this.#word === 'MN') return false
    if (asked.kind === unconditional) return this.#word.endsWith('ERROR')
    if (asked.kind !== 0 || this.#kind !== 0) return asked.kind === this.#kind
    if (this.#key !== '') return this.#key === asked.resource
    if (asked.method === 'mg') return this.#word !== 'EN'
    return this.#word !== 'HD'
  }

  status(asked: Waiting): readonly [string, Outcome] {
    const { method, kind } = asked
    if (this.#isBinary) return binaryStatus(this.#header.status, retrievals.has(method))
    const status = textStatus(method, this.#word, this.#items, kind)
    return [status, textOutcome(status, this.#isTooLarge)]
  }

  #readBinary(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < headerBytes) return needMore
    const header = this.#header
    if (!header.read(bytes, start) || header.keyBytes > keyMax) return notMine
    const head = headerBytes + header.extrasBytes + header.keyBytes
    if (end - start < head) return needMore
    this.#isBinary = true
    this.#kind = header.opaque
    this.isWhole = !header.isPart
    const { keyBytes } = header
    const isItem = keyBytes > 0 && retrievals.has(header.method)
    this.#key = isItem ? this.#keys.text(bytes, start + head - keyBytes, start + head) : ''
    this.dataBytes = headerBytes + header.bodyBytes - head
    return head
  }

  #readLine(bytes: Uint8Array, start: number, end: number): number {
    const line = this.#line
    const length = line.read(bytes, start, end)
    if (length === unfinished) return needMore
    if (length === unreadable || !line.next()) return notMine
    return this.#readWords(bytes) ? length : notMine
  }

  /** False when no reply has such a line. */
  #readWords(bytes: Uint8Array): boolean {
    const line = this.#line
    if (isDump(bytes, line)) return true
    if (isDigit(bytes[line.start])) {
      this.#word = '0'
      this.isWhole = numberOf(bytes, line.start, line.end) >= 0 && !line.next()
      return this.isWhole
    }
    const word = line.end - line.start > 16 ? '' : this.#words.text(bytes, line.start, line.end)
    if (partWords.has(word)) return this.#readPart(bytes, word)
    if (!lastWords.has(word)) return false
    this.#word = word
    this.isWhole = true
    if (word === 'SERVER_ERROR') {
      this.#isTooLarge = line.next() && begins(bytes, line.start, bytes.length, tooLarge)
    }
    return word.length === 2 ? this.#readMeta(bytes, word) : true
  }

  /** `VALUE key 0 5`, `CONFIG cluster 0 5`: data follows. Others are a line each. */
  #readPart(bytes: Uint8Array, word: string): boolean {
    if (word !== 'VALUE' && word !== 'CONFIG') return true
    this.#items++
    return this.#readLength(bytes, 3)
  }

  /** The length stands so many words on. */
  #readLength(bytes: Uint8Array, words: number): boolean {
    const line = this.#line
    for (let i = 0; i < words; i++) line.next()
    const length = numberOf(bytes, line.start, line.end)
    if (length < 0 || length > dataMax) return false
    this.dataBytes = length + 2
    return true
  }

  /** Flags of a meta command's reply: the token `O` of the request, the key `k`. */
  #readMeta(bytes: Uint8Array, word: string): boolean {
    const line = this.#line
    if (word === 'VA' && !this.#readLength(bytes, 1)) return false
    if (word === 'OK' || word === 'ME') return true
    while (line.next()) {
      const flag = bytes[line.start]
      if (flag === 0x4f) this.#kind = tokenHash(bytes, line.start + 1, line.end)
      else if (flag === 0x6b) this.#key = this.#keys.text(bytes, line.start + 1, line.end)
    }
    return true
  }
}

/** `key=foo exp=-1 ...`: a line of a dump of all keys. */
function isDump(bytes: Uint8Array, { start }: Line): boolean {
  return bytes[start] === 0x6b && bytes[start + 1] === 0x65 && bytes[start + 3] === 0x3d
}
