import { uint16le, uint32le } from '#lib/bytes.ts'
import { type Form, forms } from './commands.ts'
import type { ServerError } from './outcome.ts'
import {
  eofMax,
  integerSize,
  isDefinition,
  lengthMax,
  marks,
  okMin,
  statusFlags,
} from './packet.ts'

/** An error of this number tells how far a statement has got (MariaDB, "Progress Reporting"). */
const progress = 0xffff

/** Where in an answer the next packet stands. `perhaps`: it is complete, unless an EOF packet follows. */
type Step =
  | 'closed'
  | 'single'
  | 'result'
  | 'definitions'
  | 'behind'
  | 'rows'
  | 'prepare'
  | 'prepared'
  | 'perhaps'
  | 'text'
  | 'login'
  | 'stream'
  | 'unknown'

const firstSteps: Readonly<Record<Form, Step>> = {
  [forms.unknown]: 'unknown',
  [forms.none]: 'unknown',
  [forms.single]: 'single',
  [forms.result]: 'result',
  [forms.rows]: 'rows',
  [forms.prepare]: 'prepare',
  [forms.text]: 'text',
  [forms.login]: 'login',
  [forms.stream]: 'stream',
}

/** What a packet is to the answer at hand. `foreign`: it cannot stand here. */
export type Verdict = 'more' | 'done' | 'foreign'

/**
 * The answer at hand, packet by packet ("Text Resultset", "COM_STMT_PREPARE Response" and the others):
 *
 *     result:   OK | error | file -> result | count  definition*  [EOF]  row*  (EOF | OK)  [result]
 *     prepare:  error | OK  parameter* [EOF]  column* [EOF]
 *
 * EOF packets in brackets are not sent where both sides know CLIENT_DEPRECATE_EOF. Rows never begin like what ends
 * them, so that results need no knowledge of it.
 */
export class Reply {
  bytes = 0
  startUs: number | undefined
  endUs = 0
  /** Bytes of it were lost. */
  gap = false
  /** Parts of it are compressed. */
  hidden = false
  error: ServerError | undefined
  /** Identifier of what was prepared. */
  preparedId: number | undefined
  /** The server wants a file: the client sends it now. */
  wantsFile = false
  /** Without EOF packets between the parts of an answer; undefined: not known. */
  withoutEof: boolean | undefined

  #step: Step = 'closed'
  /** Several results may follow each other. */
  #many = false
  /** Definitions to come, and those of the group behind them. */
  #left = 0
  #leftBehind = 0
  /** In an unknown place: the packet before was the definition of a column. */
  #defined = false

  get isOpen(): boolean {
    return this.#step !== 'closed'
  }

  /** In rows: what follows is only to be counted until its end is marked. */
  get isInRows(): boolean {
    return this.#step === 'rows'
  }

  /** It is over when the client asks the next: it is complete, or its end cannot be seen. */
  get isOverWhenAsked(): boolean {
    return this.#step === 'perhaps' || (this.hidden && this.isOpen)
  }

  /** Complete but for an EOF packet that may not come. */
  get isComplete(): boolean {
    return this.#step === 'perhaps'
  }

  get isUnknown(): boolean {
    return this.#step === 'unknown'
  }

  /** Both sides talk until it is complete: the numbers of its packets do not follow each other. */
  get isTalk(): boolean {
    return this.#step === 'login'
  }

  open(form: Form): void {
    this.#step = firstSteps[form]
    this.#many = form === forms.result || form === forms.unknown
    this.#defined = false
  }

  /** What comes now stands in an unknown place of it. */
  lose(): void {
    this.#step = 'unknown'
    this.#many = true
    this.#defined = false
  }

  close(): void {
    this.#step = 'closed'
    this.bytes = 0
    this.startUs = undefined
    this.gap = false
    this.hidden = false
    this.error = undefined
    this.preparedId = undefined
    this.wantsFile = false
  }

  count(size: number, firstUs: number, lastUs: number): void {
    this.bytes += size
    this.startUs ??= firstUs
    this.endUs = lastUs
  }

  /** The next packet, whose payload of `length` bytes is at `at`, as far as it is needed. */
  take(bytes: Uint8Array, at: number, length: number): Verdict {
    const first = length > 0 ? bytes[at] : -1
    if (first === marks.error && length >= 3) return this.#fail(bytes, at, length)
    switch (this.#step) {
      case 'single':
        return first === marks.ok || first === marks.end ? 'done' : 'foreign'
      case 'result':
        return this.#result(first, bytes, at, length)
      case 'definitions':
        if (--this.#left === 0) this.#step = 'behind'
        return 'more'
      case 'behind':
        return this.#behind(first, bytes, at, length)
      case 'rows':
        return this.#row(first, bytes, at, length)
      case 'prepare':
        return this.#prepare(bytes, at, length)
      case 'prepared':
        return this.#prepared(first, length)
      case 'perhaps':
        return isEof(first, length) ? 'done' : 'foreign'
      case 'login':
        if (first === marks.ok) return 'done'
        return first === marks.end || first === marks.more || first === marks.factor
          ? 'more'
          : 'foreign'
      case 'text':
        return 'done'
      case 'stream':
        return first === marks.ok || first === marks.end ? 'done' : 'foreign'
      default:
        return this.#unknown(first, bytes, at, length)
    }
  }

  #fail(bytes: Uint8Array, at: number, length: number): Verdict {
    const error = readError(bytes, at, length)
    if (error.code === progress) return 'more'
    this.error = error
    return 'done'
  }

  #result(first: number, bytes: Uint8Array, at: number, length: number): Verdict {
    if (first === marks.ok) return this.#end(bytes, at, length)
    if (first === marks.file) {
      this.wantsFile = true
      return 'more'
    }
    const count = columnCount(bytes, at, length)
    if (count === 0) return 'foreign'
    // a byte behind the number says whether definitions follow that the client may know already
    const known = length > integerSize(first) && bytes[at + length - 1] === 0
    this.#left = known ? 0 : count
    this.#step = known ? 'behind' : 'definitions'
    return 'more'
  }

  /** Behind the definitions: EOF, or rows at once. With a cursor there are no rows before they are fetched. */
  #behind(first: number, bytes: Uint8Array, at: number, length: number): Verdict {
    this.#step = 'rows'
    this.withoutEof = !isEof(first, length)
    if (this.withoutEof) return this.#row(first, bytes, at, length)
    const flags = statusAt(bytes, at, length)
    return (flags & statusFlags.cursorExists) === 0 ? 'more' : this.#end(bytes, at, length)
  }

  #row(first: number, bytes: Uint8Array, at: number, length: number): Verdict {
    return isEnd(first, length) ? this.#end(bytes, at, length) : 'more'
  }

  /** OK or EOF: of this result, behind which another may follow. */
  #end(bytes: Uint8Array, at: number, length: number): Verdict {
    const flags = statusAt(bytes, at, length)
    if (!this.#many || (flags & statusFlags.moreResults) === 0) return 'done'
    this.#step = 'result'
    return 'more'
  }

  #prepare(bytes: Uint8Array, at: number, length: number): Verdict {
    if (bytes[at] !== marks.ok || length < 9) return 'foreign'
    this.preparedId = uint32le(bytes, at + 1)
    const columns = uint16le(bytes, at + 5)
    const parameters = uint16le(bytes, at + 7)
    // as behind the number of columns of a result
    if (length > 12 && bytes[at + 12] === 0) return 'done'
    this.#left = parameters || columns
    this.#leftBehind = parameters > 0 ? columns : 0
    this.#step = 'prepared'
    return this.#left === 0 ? 'done' : 'more'
  }

  /** Definitions of parameters and then of columns, each with an EOF packet behind it or not. */
  #prepared(first: number, length: number): Verdict {
    if (this.#left === 0) {
      this.withoutEof = !isEof(first, length)
      this.#left = this.#leftBehind
      this.#leftBehind = 0
      if (!this.withoutEof) return 'more'
    }
    if (--this.#left > 0 || this.#leftBehind > 0) return 'more'
    if (this.withoutEof) return 'done'
    this.#step = 'perhaps'
    return 'more'
  }

  #unknown(first: number, bytes: Uint8Array, at: number, length: number): Verdict {
    const defined = this.#defined
    this.#defined = length > 4 && isDefinition(bytes, at)
    if (!isEnd(first, length)) return 'more'
    return defined && length <= eofMax ? 'more' : this.#end(bytes, at, length)
  }
}

/** Whether a packet that begins so is an EOF packet, as they were before CLIENT_DEPRECATE_EOF. */
const isEof = (first: number, length: number) => first === marks.end && length <= eofMax

/** Whether a packet that begins so ends rows: a row that did would be longer than any packet. */
const isEnd = (first: number, length: number) =>
  first === marks.end && (length <= eofMax || (length >= okMin && length < lengthMax))

/** Status flags of an OK or EOF packet; 0 where it has none. */
export function statusAt(bytes: Uint8Array, at: number, length: number): number {
  if (isEof(bytes[at], length)) return length === eofMax ? uint16le(bytes, at + 3) : 0
  const rows = integerSize(bytes[at + 1])
  const flags = 1 + rows + integerSize(bytes[at + 1 + rows])
  return flags + 2 <= length ? uint16le(bytes, at + flags) : 0
}

/** The number of columns that a result begins with; 0 where it does not. */
export function columnCount(bytes: Uint8Array, at: number, length: number): number {
  const size = length > 0 ? integerSize(bytes[at]) : 0
  if (size !== 1 && size !== 3) return 0
  if (length !== size && length !== size + 1) return 0
  return size === 1 ? bytes[at] : uint16le(bytes, at + 1)
}

/** "ERR_Packet". The SQLSTATE has a mark before it. */
export function readError(bytes: Uint8Array, at: number, length: number): ServerError {
  const code = uint16le(bytes, at + 1)
  const marked = length >= 9 && bytes[at + 3] === 0x23
  return { code, sqlstate: marked ? String.fromCharCode(...bytes.subarray(at + 4, at + 9)) : '' }
}
