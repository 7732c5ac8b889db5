import { begins } from '#lib/bytes.ts'
import type { Interner } from '#lib/intern.ts'
import { nameText } from '../name-text.ts'
import type { DecoderOptions } from '../protocol.ts'
import { needMore, notMine } from '../stream.ts'
import { Header, headerBytes, keyMax, requestMagic } from './binary.ts'
import { Line, unfinished, unreadable } from './line.ts'
import { type Form, forms, numberOf, tokenHash } from './text.ts'

/** Largest data that a client may announce; what would be larger has no data. */
const dataMax = 2 ** 31 - 3

/** Words of a line that is no known command may be anything, a value out of step too: they are not shown. */
const unknown = '?'

/** A kind: what is quiet and stores under no condition can only fail. */
export const unconditional = -1

/** What keys and commands are shown as, for both sides of a flow. */
export const keysOf = ({ interners }: Pick<DecoderOptions, 'interners'>): Interner =>
  interners.named('memcached key', nameText)

/** One command, text or binary, up to its data. It is filled anew for each. */
export class Command {
  method = ''
  resource = ''
  /** What pairs it with its reply: the opaque (binary), its hash (meta), or how many keys it names. */
  kind = 0
  /** Answered only when there is something to say; or never. */
  isQuiet = false
  isNeverAnswered = false
  /** Bytes of data behind what `read` took. */
  dataBytes = 0

  readonly #words: Interner
  readonly #keys: Interner
  readonly #line = new Line()
  readonly #header = new Header()
  #isConditional = false

  constructor(options: DecoderOptions) {
    this.#words = options.interners.named('memcached word')
    this.#keys = keysOf(options)
  }

  /** Reads the command at `bytes[start]`; answers the bytes it took, `needMore` or `notMine`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.resource = ''
    this.kind = 0
    this.isQuiet = false
    this.isNeverAnswered = false
    this.dataBytes = 0
    if (bytes[start] === requestMagic) return this.#binary(bytes, start, end)
    const length = this.#line.read(bytes, start, end)
    if (length === unfinished) return needMore
    if (length === unreadable) return notMine
    this.#text(bytes)
    return length
  }

  #binary(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < headerBytes) return needMore
    const header = this.#header
    if (!header.read(bytes, start)) return notMine
    const { keyBytes, extrasBytes, bodyBytes } = header
    const head = headerBytes + extrasBytes + keyBytes
    if (keyBytes > keyMax) return notMine
    if (end - start < head) return needMore
    this.method = header.method
    if (keyBytes > 0) this.resource = this.#keys.text(bytes, start + head - keyBytes, start + head)
    this.kind = header.opaque
    this.isQuiet = header.isQuiet
    this.isNeverAnswered = header.isNeverAnswered
    this.dataBytes = headerBytes + bodyBytes - head
    return head
  }

  #text(bytes: Uint8Array): void {
    const line = this.#line
    line.next()
    const word = line.end - line.start > 16 ? '' : this.#words.text(bytes, line.start, line.end)
    const form = forms.get(word)
    this.method = form ? word : unknown
    if (!form) return
    this.isNeverAnswered = form.reply === 'never'
    this.isQuiet = form.reply === 'quiet'
    this.#arguments(bytes, form)
  }

  #arguments(bytes: Uint8Array, form: Form): void {
    const line = this.#line
    let isKeyShort = true
    let length = -1
    let keys = 0
    let isSilent = false
    this.#isConditional = false
    for (let place = 1; line.next(); place++) {
      if (place === form.key) {
        this.resource = this.#keys.text(bytes, line.start, line.end)
        isKeyShort = line.end - line.start <= keyMax
      } else if (place === form.length) length = dataLength(bytes, line, form)
      else if (form.isMeta) this.#flag(bytes)
      if (place >= form.key) keys++
      isSilent = line.is(0x6e, noReply.length) && begins(bytes, line.start, line.end, noReply)
    }
    if (form.hasKeys) {
      this.kind = keys
      if (keys > 1) this.resource += ` +${keys - 1}`
    }
    if (this.isQuiet && form.length > 0 && this.kind === 0 && !this.#isConditional) {
      this.kind = unconditional
    }
    if (form.reply === 'noreply' && isSilent) this.isNeverAnswered = true
    if (isKeyShort && length >= 0 && length <= dataMax) this.dataBytes = length + 2
  }

  /** `q`: quiet. `O...`: a token that the reply has, too. `M...`, `C...`: conditions. */
  #flag(bytes: Uint8Array): void {
    const { start, end } = this.#line
    if (this.#line.is(0x71, 1)) this.isQuiet = true
    if (bytes[start] === 0x4f) this.kind = tokenHash(bytes, start + 1, end)
    if (bytes[start] === 0x4d || bytes[start] === 0x43) this.#isConditional = true
  }
}

/** `5`; of the first versions of `ms` also `S5`. */
function dataLength(bytes: Uint8Array, { start, end }: Line, form: Form): number {
  return numberOf(bytes, form.isMeta && bytes[start] === 0x53 ? start + 1 : start, end)
}

const noReply = Buffer.from('noreply')
