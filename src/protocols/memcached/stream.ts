import { emptyAnswer, type Pairs, type Waiting } from '../pair.ts'
import type { DecoderOptions } from '../protocol.ts'
import { type Frames, Stream } from '../stream.ts'
import { Command } from './command.ts'
import { detect } from './detect.ts'
import { Reply } from './reply.ts'

/** Replies in turn that do not fit what was asked, until what waits is taken for what went wrong. */
const mismatchesMax = 8

/** The client's side of a connection. */
export class Requests implements Frames {
  readonly stream = new Stream(this)
  readonly #pairs: Pairs
  readonly #command: Command

  constructor(pairs: Pairs, options: DecoderOptions) {
    this.#pairs = pairs
    this.#command = new Command(options)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { stream } = this
    const command = this.#command
    const taken = command.read(bytes, start, end)
    if (taken <= 0) return taken
    const asked = this.#pairs.ask(command.method, command.resource, stream.firstUs)
    asked.bytes = taken + command.dataBytes
    asked.gap = stream.gapped
    asked.kind = command.kind
    asked.quiet = command.isQuiet
    if (command.isNeverAnswered) this.#pairs.expectNone()
    stream.gapped = false
    stream.skip(command.dataBytes)
    return taken
  }

  /** Data that is missing is not missed. */
  skipped(): void {
    this.stream.gapped = false
  }

  broken(lost: boolean): void {
    this.#pairs.lose(lost)
  }

  /** Only where a piece begins: data may hold anything. */
  resync(bytes: Uint8Array, start: number, end: number): number {
    const evidence = detect(bytes, start, end, 'tcp')
    return evidence.endsWith('request') || evidence === 'maybe' ? start : -1
  }
}

/** The server's side of a connection. */
export class Replies implements Frames {
  readonly stream = new Stream(this)
  /** What follows is a log that somebody watches. */
  isWatched = false

  readonly #pairs: Pairs
  readonly #reply: Reply
  readonly #answer = emptyAnswer()
  #isBegun = false
  #startOffset = 0
  #mismatches = 0

  constructor(pairs: Pairs, options: DecoderOptions) {
    this.#pairs = pairs
    this.#reply = new Reply(options)
  }

  frame(bytes: Uint8Array, start: number, end: number): number {
    const { stream } = this
    const reply = this.#reply
    if (!this.#isBegun) {
      reply.begin()
      this.#startOffset = stream.position
      this.#answer.startUs = stream.firstUs
    }
    const taken = reply.read(bytes, start, end)
    if (taken <= 0) return taken
    this.#isBegun = true
    stream.skip(reply.dataBytes)
    if (reply.isWhole && reply.dataBytes === 0) this.#end(stream.position + taken)
    return taken
  }

  skipped(): void {
    if (this.#reply.isWhole) this.#end(this.stream.position)
  }

  broken(lost: boolean): void {
    this.#isBegun = false
    this.#pairs.lose(lost)
  }

  resync(bytes: Uint8Array, start: number, end: number): number {
    const evidence = detect(bytes, start, end, 'tcp')
    return evidence.endsWith('response') || evidence === 'maybe' ? start : -1
  }

  #end(endOffset: number): void {
    this.#isBegun = false
    const answer = this.#answer
    const { stream } = this
    const gap = stream.gapped
    stream.gapped = false
    const asked = this.#asked()
    if (!asked) return
    const [status, outcome] = this.#reply.status(asked)
    answer.status = status
    answer.outcome = outcome
    answer.endUs = stream.lastUs
    answer.bytes = endOffset - this.#startOffset
    answer.gap = gap
    if (asked.method === 'watch' && outcome === 'ok') this.#watch()
    this.#pairs.answer(answer)
  }

  /** The request that the reply answers. Quiet ones before it stay without an answer. */
  #asked(): Waiting | undefined {
    const pairs = this.#pairs
    const { startUs } = this.#answer
    let asked = pairs.askedBefore(startUs)
    while (asked && !this.#reply.answers(asked)) {
      if (!asked.quiet && !pairs.isUncertain) {
        if (++this.#mismatches > mismatchesMax) pairs.lose(false)
        asked = undefined
      } else {
        pairs.pass()
        asked = pairs.askedBefore(startUs)
      }
    }
    if (asked) this.#mismatches = 0
    else pairs.orphans++
    return asked
  }

  #watch(): void {
    this.isWatched = true
    this.stream.stop()
  }
}
