import type { Interner } from '#lib/intern.ts'
import { cut, latin1 } from '#lib/text.ts'
import { nameCharsMax, nameText } from '../name-text.ts'
import type { Pairs } from '../pair.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, needMore, notMine, Stream } from '../stream.ts'
import { isCommand, isProgress, kindOf, reset, safeArgument, subscription } from './commands.ts'
import { behindLine, cr, Header, lf, lineEnd, unfinished } from './header.ts'

/** Arguments of a command, and bytes of one, that are believed; as Redis itself does. */
const argumentsMax = 1024 * 1024
const argumentBytesMax = 2 ** 32
/** Bytes of an argument that are looked at. */
const lookedBytesMax = 512

/** What is to be taken for the command's name. */
const commandText = (bytes: Uint8Array, start: number, end: number) =>
  latin1(bytes, start, end).toUpperCase()

/** How the client asked that its commands be answered: `CLIENT REPLY ON`, `OFF`, `SKIP` (the next one). */
type Replies = 'on' | 'off' | 'skip'

/**
 * Reads commands: arrays of bulk strings, `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`, or a line of words. Name and first
 * argument are read, all other arguments are passed over.
 */
export class Requests implements Frames {
  readonly stream = new Stream(this)
  /** The client has subscribed to channels: messages may come. */
  subscribed = false
  /** A replica says how far it is: nothing of this flow is asked, or answered. */
  replicating = false

  readonly #pairs: Pairs
  readonly #raw: boolean
  readonly #commands: Interner
  readonly #arguments: Interner
  readonly #header = new Header()
  /** Arguments of the command at hand that were read, and that there are; 0 of 0 between commands. */
  #read = 0
  #count = 0
  #command = ''
  #argument = ''
  #startUs = 0
  #startOffset = 0
  #replies: Replies = 'on'
  /** The command at hand may be CLIENT REPLY: its second argument is read too. */
  #mode = ''

  constructor(pairs: Pairs, { interners, raw }: DecoderOptions) {
    this.#pairs = pairs
    this.#raw = raw
    this.#commands = interners.named('redis command', commandText)
    this.#arguments = interners.named('redis argument', nameText)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    if (this.#count > 0) return this.#readArguments(bytes, start, start, end)
    if (bytes[start] === 0x2a) return this.#array(bytes, start, end)
    return this.#inline(bytes, start, end)
  }

  /** A long argument has passed. */
  skipped(): void {
    if (this.#read === this.#count) this.#ask(this.stream.position)
  }

  broken(lost: boolean): void {
    this.#count = 0
    this.#pairs.lose(lost)
  }

  /** The next array whose first element is, or may be, a bulk string. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    for (let i = start; i < end; i++) {
      if (bytes[i] !== 0x2a) continue
      const count = this.#header.read(bytes, i, end)
      const { end: behind } = this.#header
      if (count === unfinished || (count > 0 && (behind >= end || bytes[behind] === 0x24))) return i
    }
    return -1
  }

  #array(bytes: Uint8Array, start: number, end: number): number {
    const count = this.#header.read(bytes, start, end)
    if (count === unfinished) return needMore
    if (count < -1 || count > argumentsMax) return notMine
    const at = this.#header.end
    if (count <= 0) return at - start
    this.#begin(this.stream.position)
    this.#count = count
    return this.#readArguments(bytes, start, at, end)
  }

  #begin(offset: number): void {
    this.#startUs = this.stream.firstUs
    this.#startOffset = offset
    this.#read = 0
    this.#command = ''
    this.#argument = ''
    this.#mode = ''
    this.stream.gapped = false
  }

  /** Reads arguments from `at` on as far as they are all there; answers how many bytes from `start` on it took. */
  #readArguments(bytes: Uint8Array, start: number, at: number, end: number): number {
    let from = at
    while (this.#read < this.#count) {
      if (from < end && bytes[from] !== 0x24) return notMine
      const length = from < end ? this.#header.read(bytes, from, end) : unfinished
      if (length === unfinished) return from > start ? from - start : needMore
      if (length < 0 || length > argumentBytesMax) return notMine
      const content = this.#header.end
      const whole = content + length + 2
      if (this.#read >= 2 && !(this.#read === 2 && this.#command === 'CLIENT')) {
        this.#read++
        if (whole > end) {
          this.stream.skip(whole - end)
          return end - start
        }
      } else {
        const needed = Math.min(whole, content + lookedBytesMax)
        if (needed > end) return from > start ? from - start : needMore
        if (!this.#take(bytes, content, length)) return notMine
        if (whole > end) {
          this.stream.skip(whole - end)
          return end - start
        }
      }
      if (bytes[whole - 2] !== cr || bytes[whole - 1] !== lf) return notMine
      from = whole
    }
    this.#ask(this.stream.position + from - start)
    return from - start
  }

  /** Keeps an argument that matters. */
  #take(bytes: Uint8Array, start: number, length: number): boolean {
    const end = start + Math.min(length, lookedBytesMax)
    const index = this.#read++
    if (index === 0) {
      if (!isCommand(bytes, start, end)) return false
      this.#command = this.#commands.text(bytes, start, end)
    } else if (index === 1) this.#argument = this.#arguments.text(bytes, start, end)
    else this.#mode = this.#commands.text(bytes, start, end)
    return true
  }

  /** `GET key\r\n`: for people, and for health checks. */
  #inline(bytes: Uint8Array, start: number, end: number): number {
    const behind = behindLine(bytes, start, end)
    if (behind < 0) return bytes[start] < 0x20 && bytes[start] !== cr ? notMine : needMore
    const last = lineEnd(bytes, start, behind)
    if (last === start) return behind - start
    const words = latin1(bytes, start, Math.min(last, start + lookedBytesMax)).match(word)
    if (!words) return behind - start
    const first = Buffer.from(words[0])
    if (!isCommand(first, 0, first.length)) return notMine
    this.#begin(this.stream.position)
    this.#command = this.#commands.text(first, 0, first.length)
    const [, argument = '', mode = ''] = words
    this.#argument = cut(unquoted(argument), nameCharsMax)
    this.#mode = mode.toUpperCase()
    this.#ask(this.stream.position + behind - start)
    return behind - start
  }

  /** The command is whole. */
  #ask(endOffset: number): void {
    this.#count = 0
    const command = this.#command
    if (isProgress(command, this.#argument)) {
      this.replicating = true
      this.stream.stop()
      return
    }
    const resource = safeArgument(command, this.#argument, this.#raw)
    const asked = this.#pairs.ask(command, resource, this.#startUs)
    asked.bytes = endOffset - this.#startOffset
    asked.gap = this.stream.gapped
    asked.kind = kindOf(command)
    if (asked.kind === subscription) this.subscribed = true
    if (asked.kind === reset) this.#reset()
    if (this.#isSilent(command)) this.#pairs.expectNone()
  }

  #reset(): void {
    this.subscribed = false
    this.#replies = 'on'
  }

  /** Follows `CLIENT REPLY`, and answers whether the command at hand stays without a reply. */
  #isSilent(command: string): boolean {
    const before = this.#replies
    if (before === 'skip') this.#replies = 'on'
    if (command === 'CLIENT' && this.#argument.toUpperCase() === 'REPLY') {
      if (this.#mode === 'ON') this.#replies = 'on'
      else if (this.#mode === 'OFF') this.#replies = 'off'
      else if (this.#mode === 'SKIP' && before !== 'off') this.#replies = 'skip'
      return this.#replies !== 'on'
    }
    return before !== 'on'
  }
}

/** A word of a line, or several in quotes. */
const word = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+/g

/** `key` of `"key"` and `'key'`. */
function unquoted(word: string): string {
  return /^(["']).*\1$/.test(word) ? word.slice(1, -1) : word
}
