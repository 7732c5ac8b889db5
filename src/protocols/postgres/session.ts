import type { Transaction } from '#model/transaction.ts'
import { Pairs, type Waiting } from '../pair.ts'
import type { Statement } from '../prepared.ts'
import type { DecoderOptions } from '../protocol.ts'
import { unanswered } from '../told.ts'
import { Batch } from './batch.ts'
import { Reply, type ServerError } from './reply.ts'
import type { Startup } from './startup.ts'
import { Statements } from './statements.ts'

/** What a waiting request is answered by. */
export const kinds = { query: 0, startup: 1, encryption: 2 } as const

/**
 * What client and server of one connection do to each other. Told are: a request for encryption with its one byte of
 * answer; the startup, up to ReadyForQuery; a Query; an extended query up to Sync or an answered Flush, that is
 * all a client sends before it wants to know how it went; a FunctionCall. ReadyForQuery ends what was asked first.
 */
export class Session {
  readonly statements: Statements
  readonly batch: Batch
  /** The client has sent a message with a type, or its startup: what comes has types. */
  started = false
  /** Encryption begins: the rest is not ours. */
  handedOver = false

  readonly #done: (transaction: Transaction) => void
  readonly #pairs: Pairs
  readonly #reply = new Reply()
  /** The request that copied data belongs to: its last. */
  #last: Waiting | undefined
  /** The server wants copied data, which ends with a Sync of its own in an extended query. */
  #copying = false

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#done = done
    this.#pairs = new Pairs('postgres', done)
    this.statements = new Statements(options)
    this.batch = new Batch(this.statements.shownMax)
  }

  /** About the memory that waiting requests and known statements take. */
  get heldBytes(): number {
    return this.#pairs.heldBytes + this.statements.heldBytes
  }

  /** The server's next byte is not a message but the answer to a request for encryption. */
  awaitsEncryption(timeUs: number): boolean {
    return this.#pairs.askedBefore(timeUs)?.kind === kinds.encryption
  }

  startup(startup: Startup, timeUs: number): void {
    const { kind, size } = startup
    if (kind === 'cancel') {
      this.#cancel(size, timeUs)
    } else if (kind === 'startup') {
      this.started = true
      this.ask('Startup', startup.database, timeUs, size).kind = kinds.startup
    } else {
      const method = kind === 'ssl' ? 'SSLRequest' : 'GSSENCRequest'
      this.ask(method, '', timeUs, size).kind = kinds.encryption
    }
  }

  query({ text, verb }: Statement, timeUs: number, size: number): void {
    this.ask(verb || 'Query', text, timeUs, size)
  }

  ask(method: string, resource: string, timeUs: number, size: number): Waiting {
    const asked = this.#pairs.ask(method, resource, timeUs)
    asked.bytes = size
    this.#last = asked
    return asked
  }

  /** The batch is complete. The Sync behind copied data is none: the server was asked by the one before. */
  sync(timeUs: number): void {
    const { batch } = this
    if (this.#copying) {
      this.#copying = false
      this.addToLast(batch.bytes)
    } else {
      const asked = this.ask(batch.method, batch.resource, batch.startUs ?? timeUs, batch.bytes)
      asked.gap = batch.gap
    }
    batch.clear()
  }

  /** The client wants to know how it went so far, and may go on later. */
  flush(timeUs: number): void {
    this.batch.flushed = true
    this.#tellFlushed(timeUs)
  }

  /** A message of an extended query is answered. */
  answerPart(timeUs: number): void {
    if (this.batch.isEmpty || this.#pairs.count > 0) return
    this.#reply.parts++
    this.#tellFlushed(timeUs)
  }

  /** Copied data, passwords: more of what was asked last. */
  addToLast(size: number): void {
    if (this.#last && this.#pairs.count > 0) this.#last.bytes += size
  }

  /** A byte answers the request for encryption. */
  encryption(answer: 'accepted' | 'refused', byte: string, timeUs: number): void {
    this.handedOver = answer === 'accepted'
    const answered = { status: byte, startUs: timeUs, endUs: timeUs, bytes: 1, gap: false }
    this.#pairs.answer({ ...answered, outcome: 'ok' })
  }

  /** Any message of the server. Those that nobody asked for, notifications for instance, belong to no reply. */
  heard(size: number, timeUs: number): void {
    if (this.#pairs.count > 0 || !this.batch.isEmpty) this.#reply.add(size, timeUs)
  }

  challenged(): void {
    this.#reply.challenged = true
  }

  completed(): void {
    this.#reply.completed = true
  }

  /** An error ends a startup and, when fatal, the connection: ReadyForQuery will not come. */
  failed(error: ServerError, timeUs: number): void {
    const asked = this.#asked(timeUs)
    if (!asked && this.batch.isEmpty) return
    this.#reply.error = error
    if (error.fatal || (asked && asked.kind !== kinds.query)) this.answer(timeUs)
  }

  copyIn(): void {
    this.#copying = this.#pairs.count > 0
  }

  /** ReadyForQuery; or data that is streamed both ways for as long as they like (replication), which is no answer to wait for. */
  answer(timeUs: number): void {
    this.#pairs.answer(this.#reply.answer(timeUs))
    this.#reply.clear()
    this.#copying = false
    if (this.#pairs.count === 0) this.#last = undefined
  }

  /** Bytes of the client were lost outside of a message that is only counted. */
  loseRequest(): void {
    this.batch.gap = true
    this.statements.lose()
    this.#pairs.lose()
  }

  loseReply(): void {
    this.#reply.clear()
    this.#reply.gap = true
    this.#pairs.lose()
  }

  /** Part of the reply's bytes is missing, its messages are not. */
  gapInReply(): void {
    this.#reply.gap = true
  }

  close(timeUs: number): void {
    if (!this.batch.isEmpty) this.sync(timeUs)
    const { error, completed, challenged } = this.#reply
    if (this.#pairs.count > 0 && (error || completed)) this.answer(timeUs)
    else if (challenged && this.#asked(timeUs)?.kind === kinds.startup) this.#leftAtPassword(timeUs)
    this.#pairs.close()
  }

  /** All is answered that was flushed. After an error nothing is, before the next Sync. */
  #tellFlushed(timeUs: number): void {
    const { flushed, parts } = this.batch
    if (!flushed || this.#reply.error || this.#reply.parts < parts) return
    this.sync(timeUs)
    this.answer(timeUs)
  }

  #asked(timeUs: number): Waiting | undefined {
    return this.#pairs.askedBefore(this.#reply.startUs ?? timeUs)
  }

  /** The client went away when asked who it is, to come again with a password: no fault of the server. */
  #leftAtPassword(timeUs: number): void {
    const answer = this.#reply.answer(timeUs)
    this.#pairs.answer({ ...answer, status: undefined, outcome: 'warning' })
  }

  /** The server never answers it: it closes the connection. */
  #cancel(size: number, timeUs: number): void {
    const said = { method: 'CancelRequest', resource: '', startUs: timeUs, bytes: size, gap: false }
    this.#done(unanswered('postgres', said, 'ok'))
  }
}
