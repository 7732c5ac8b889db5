import type { Transaction } from '#model/transaction.ts'
import { type Answer, emptyAnswer, Pairs, type Waiting } from '../pair.ts'
import type { Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'
import { unanswered } from '../told.ts'
import { type Form, forms } from './commands.ts'
import type { Login } from './login.ts'
import { outcomeOf, type ServerError } from './outcome.ts'
import { capabilities } from './packet.ts'
import { Reply } from './reply.ts'
import { Statements } from './statements.ts'

/*
 * What is remembered with a request (`Waiting.kind`):
 *
 *     bits 0-7    how it is answered (`forms`)
 *     bits 8-15   the number that its answer begins with
 *     bits 16-30  for a PREPARE: its own number
 */
const formOf = (kind: number): Form => (kind & 0xff) as Form
const numberOf = (kind: number): number => (kind >>> 8) & 0xff
const preparingOf = (kind: number): number => kind >>> 16
const preparingMax = 0x7fff

/** How the bytes of a connection are wrapped: not known before the login, or in midstream. */
export type Wrapping = 'unknown' | 'plain' | 'compressed'

/**
 * What client and server of one connection do to each other. Told are the login, a request for TLS, and every command
 * that is answered; what asks for nothing (QUIT, STMT_CLOSE) is not.
 */
export class Session {
  readonly statements: Statements
  readonly reply = new Reply()
  wrapping: Wrapping = 'unknown'
  /** A command was seen: the login is over. */
  commanded = false
  /** TLS begins: the rest is not ours. */
  handedOver = false
  /** The client sends a file that the server asked for. */
  copying = false
  /** The server tells of events for as long as it likes, and nothing is asked any more. */
  streaming = false

  readonly #done: (transaction: Transaction) => void
  readonly #pairs: Pairs
  readonly #answer = emptyAnswer()
  #last: Waiting | undefined
  /** What the login agreed upon. */
  #agreed = 0
  #offered = 0xffff_ffff
  #prepares = 0
  /** Parameters sent ahead of the command that uses them. */
  #aheadBytes = 0

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#done = done
    this.#pairs = new Pairs('mysql', done)
    this.statements = new Statements(options)
  }

  /** About the memory that waiting requests and known statements take. */
  get heldBytes(): number {
    return this.#pairs.heldBytes + this.statements.heldBytes
  }

  /** Whether a request waits that was asked before `timeUs`. */
  isAsked(timeUs: number): boolean {
    return this.#pairs.askedBefore(timeUs) !== undefined
  }

  get isIdle(): boolean {
    return this.#pairs.count === 0 && !this.reply.isOpen
  }

  greeted(offered: number): void {
    this.#offered = offered
  }

  /** The server greets with an error: a call that it did not even let begin. */
  refused(error: ServerError, timeUs: number, size: number): void {
    this.ask('LOGIN', '', forms.login, timeUs).bytes = 0
    this.reply.open(forms.login)
    this.reply.count(size, timeUs, timeUs)
    this.reply.error = error
    this.finish()
  }

  login({ kind, capabilities: wanted, resource }: Login, timeUs: number, size: number): void {
    if (kind === 'ssl') {
      this.handedOver = true
      const said = { method: 'SSLRequest', resource: '', startUs: timeUs, bytes: size, gap: false }
      this.#done(unanswered('mysql', said, 'ok'))
      return
    }
    this.#agreed = wanted & this.#offered
    this.reply.withoutEof = (this.#agreed & capabilities.deprecateEof) !== 0
    this.ask('LOGIN', resource, forms.login, timeUs).bytes = size
  }

  /** The client goes on: what was asked before is answered, even where its end cannot be seen. */
  settle(): void {
    if (this.reply.isOverWhenAsked) this.finish()
  }

  /** The client asks. An answer begins with the number behind that of the last packet of the request. */
  ask(method: string, resource: string, form: Form, timeUs: number): Waiting {
    if (this.#pairs.count === 0 && this.reply.isOpen) this.reply.close()
    this.streaming = false
    const asked = this.#pairs.ask(method, resource, timeUs)
    asked.kind = form | (1 << 8)
    asked.bytes = this.#aheadBytes
    this.#aheadBytes = 0
    this.#last = asked
    return asked
  }

  prepare(statement: Statement, timeUs: number): Waiting {
    const asked = this.ask('PREPARE', statement.text, forms.prepare, timeUs)
    this.#prepares = (this.#prepares + 1) & preparingMax
    asked.kind |= this.#prepares << 16
    this.statements.preparing(this.#prepares, statement)
    return asked
  }

  /** A parameter that the next EXECUTE will use. */
  sendAhead(size: number): void {
    this.#aheadBytes += size
  }

  /** More of what was asked last: the rest of a long packet, a file, proofs of who the client is. */
  addToLast(size: number): void {
    if (this.#last && this.#pairs.count > 0) this.#last.bytes += size
  }

  /** What was asked last goes on, up to the packet of this number. */
  continued(size: number, number: number): void {
    this.addToLast(size)
    if (this.#last && this.#pairs.count > 0) {
      this.#last.kind = (this.#last.kind & ~0xff00) | (((number + 1) & 0xff) << 8)
    }
  }

  gapInRequest(): void {
    if (this.#last && this.#pairs.count > 0) this.#last.gap = true
  }

  /** Opens the answer to what was asked first. False when a packet of that number cannot begin it. */
  begin(number: number, timeUs: number): boolean {
    const asked = this.#pairs.askedBefore(timeUs)
    if (!asked) {
      this.reply.open(forms.unknown)
      return true
    }
    const form = formOf(asked.kind)
    if (form !== forms.login && form !== forms.unknown && numberOf(asked.kind) !== number) {
      return false
    }
    // what was asked is compressed, its answer not: most are results
    this.reply.open(form === forms.unknown && number === 1 ? forms.result : form)
    return true
  }

  /** The answer at hand is complete, or nothing more of it is seen. */
  finish(): void {
    const { reply } = this
    const asked = this.#pairs.askedBefore(reply.startUs ?? reply.endUs)
    if (asked) this.#learn(asked.kind)
    this.#pairs.answer(this.#answerOf(reply))
    reply.close()
    this.copying = false
    if (this.#pairs.count === 0) this.#last = undefined
  }

  /** Bytes of the client were lost outside of a packet that is only counted. */
  loseRequest(): void {
    this.copying = false
    this.#pairs.lose()
  }

  loseReply(): void {
    const { reply } = this
    if (this.isIdle) return
    reply.close()
    reply.lose()
    reply.gap = true
    this.#pairs.lose()
  }

  /** A compressed packet asks something: what, it does not show. */
  askHidden(timeUs: number, size: number): void {
    this.settle()
    this.ask('COMPRESSED', '<compressed>', forms.unknown, timeUs).bytes = size
    this.gapInRequest()
  }

  /** A compressed packet answers. */
  hideReply(size: number, firstUs: number, lastUs: number): void {
    const { reply } = this
    if (this.#pairs.count === 0) return
    if (!reply.isOpen) reply.open(forms.unknown)
    reply.count(size, firstUs, lastUs)
    reply.hidden = true
    reply.gap = true
    reply.lose()
  }

  close(): void {
    this.settle()
    this.#pairs.close()
  }

  /** What the answer changes for what comes. */
  #learn(kind: number): void {
    const { error, preparedId } = this.reply
    const form = formOf(kind)
    if (form === forms.prepare) this.statements.prepared(preparingOf(kind), preparedId)
    if (error) return
    if (form === forms.stream) this.streaming = true
    if (form === forms.login) this.#loggedIn()
  }

  #loggedIn(): void {
    const compressed = capabilities.compress | capabilities.zstd
    if (this.wrapping === 'unknown' && !this.commanded) {
      this.wrapping = (this.#agreed & compressed) === 0 ? 'plain' : 'compressed'
    }
  }

  /** Without an end or an error, lost bytes leave the status unknown. */
  #answerOf({ error, startUs, endUs, bytes, gap, isOverWhenAsked, isComplete }: Reply): Answer {
    const answer = this.#answer
    const seen = isComplete || !isOverWhenAsked
    answer.status = error ? `${error.code}` : seen ? 'OK' : undefined
    answer.outcome = error ? outcomeOf(error) : 'ok'
    answer.startUs = startUs ?? endUs
    answer.endUs = endUs
    answer.bytes = bytes
    answer.gap = gap
    return answer
  }
}
