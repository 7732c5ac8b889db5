import { clientSide, type Side, serverSide } from '#model/side.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import { type Answer, Pairs } from '../pair.ts'
import { unanswered } from '../told.ts'
import { readError } from './errors.ts'
import { Requests } from './requests.ts'
import { type HeaderStatus, isControl, outcomeOfStatus } from './status.ts'
import { Subscriptions } from './subscriptions.ts'

/** What answers a request that waits in order. */
const kinds = { command: 0, connect: 1, ping: 2 } as const

/** An operation, with the payload that belongs to it. Reused: valid during the call. */
export interface Said {
  side: Side
  /** `HPUB` */
  method: string
  /** Subject, or what else it is about, as it is shown. */
  resource: string
  bytes: number
  startUs: number
  endUs: number
  gap: boolean
}

/**
 * What client and server of one connection do to each other. Told are: a PING with its PONG, whoever of both asked; a
 * CONNECT with the first that shows that it was accepted, or the error; a message published with a subject for the
 * reply, if the client listens there, with that reply; everything else said without an answer: publishes, subscriptions,
 * messages delivered. In verbose mode the server answers each of the client's operations, and so are they told.
 */
export class Session {
  /** When the last bytes came, or were lost. */
  nowUs = 0
  /** Servers speak with each other: an account stands before subjects. */
  routed = false
  readonly subscriptions = new Subscriptions()

  readonly #done: (transaction: Transaction) => void
  readonly #asked: Pairs
  readonly #serverAsked: Pairs
  readonly #requests: Requests
  /** The server answers each operation. */
  #verbose = false
  /** The error with which the server ended the connection: what is asked across it comes to that, too. */
  #ended: Answer | undefined

  constructor(done: (transaction: Transaction) => void) {
    this.#done = done
    this.#asked = new Pairs('nats', done)
    this.#serverAsked = new Pairs('nats', done)
    this.#requests = new Requests(done)
  }

  /** About the memory that subscriptions and waiting requests take. */
  get heldBytes(): number {
    const waiting = this.#asked.heldBytes + this.#serverAsked.heldBytes + this.#requests.heldBytes
    return waiting + this.subscriptions.heldBytes
  }

  /** True when a reply on a subject may be awaited: what it is then matters. */
  get awaitsReplies(): boolean {
    return this.#requests.count > 0
  }

  /** `verbose`: the server answers each operation from now on. */
  connect(verbose: boolean, said: Said): void {
    this.#verbose = verbose
    this.subscriptions.complete = true
    this.#ask(kinds.connect, said)
  }

  ping(said: Said): void {
    if (said.side === clientSide) this.#ask(kinds.ping, said)
    else {
      const asked = this.#serverAsked.ask(said.method, '', said.startUs)
      asked.bytes = said.bytes
      asked.gap = said.gap
    }
  }

  pong(said: Said): void {
    const answer = answerOf('OK', 'ok', said)
    if (said.side === clientSide) this.#serverAsked.answer(answer)
    else {
      this.#skipToPing(said)
      this.#asked.answer(answer)
    }
  }

  /** What was asked before the PING is done, and the server does not answer all, whatever it was told. */
  #skipToPing(said: Said): void {
    for (;;) {
      const asked = this.#asked.askedBefore(said.startUs)
      if (!asked || asked.kind === kinds.ping) return
      this.#verbose = false
      this.#asked.answer({ ...answerOf('OK', 'ok', said), bytes: 0 })
    }
  }

  /** `+OK`, in verbose mode. */
  ok(said: Said): void {
    const asked = this.#asked.askedBefore(said.startUs)
    if (asked && asked.kind !== kinds.ping) this.#asked.answer(answerOf('OK', 'ok', said))
  }

  /** SUB, UNSUB, PUB, HPUB. `reply`: the subject on which an answer is wanted. */
  command(said: Said, reply: string): void {
    if (this.#verbose) this.#ask(kinds.command, said)
    else if (reply !== '' && this.subscriptions.hears(reply)) {
      const { method, resource, startUs, bytes, gap } = said
      this.#requests.ask(reply, { method, resource, startUs, bytes, gap })
    } else this.#tell(said, undefined, 'ok')
  }

  /** A message; `subject` is the whole of its subject, if replies are awaited. */
  message(said: Said, subject: string, status: HeaderStatus | undefined): void {
    if (said.side === serverSide) this.#accept(said)
    const outcome = status ? outcomeOfStatus(status) : 'ok'
    const answer = answerOf(status?.text ?? 'OK', outcome, said)
    if (subject !== '' && this.#requests.answer(subject, answer)) return
    if (this.#isOrphan(said) || (status && isControl(status))) return
    this.#tell(said, status?.text, outcome)
  }

  /** `-ERR`: of what waits, or by itself. */
  error(text: string, said: Said, shown: (subject: string) => string): void {
    const { status, outcome, fatal, subject } = readError(text)
    const answer = answerOf(status, outcome, said)
    if (said.side === serverSide && (fatal ? this.#end(answer) : this.#refuse(answer))) return
    said.resource = subject === '' ? '' : shown(subject)
    this.#tell(said, status, outcome)
  }

  /** Bytes of a side are missing. */
  lose(side: Side): void {
    this.#asked.lose()
    this.#serverAsked.lose()
    if (side === clientSide) this.subscriptions.complete = false
    else this.#requests.lose(this.nowUs)
  }

  close(): void {
    if (this.#ended) this.#end(this.#ended)
    this.#asked.close()
    this.#serverAsked.close()
    this.#requests.close()
  }

  /** The answer to a request that was not seen. */
  #isOrphan({ side, resource }: Said): boolean {
    const mayBe = side === serverSide && !this.routed && !this.subscriptions.complete
    return mayBe && resource.startsWith('_INBOX')
  }

  #ask(kind: number, { method, resource, startUs, bytes, gap }: Said): void {
    const asked = this.#asked.ask(method, resource, startUs)
    asked.bytes = bytes
    asked.gap = gap
    asked.kind = kind
    // that nothing follows a CONNECT proves nothing, unless an answer was wanted
    asked.quiet = kind === kinds.connect && !this.#verbose
  }

  /** The server goes on to other things: the client was let in. */
  #accept(said: Said): void {
    if (this.#verbose || this.#asked.oldest?.kind !== kinds.connect) return
    const answer = answerOf('OK', 'ok', said)
    answer.bytes = 0
    if (this.#asked.askedBefore(said.startUs)?.kind === kinds.connect) this.#asked.answer(answer)
  }

  /** The server refuses one operation; which, is known where it answers all. */
  #refuse(answer: Answer): boolean {
    return this.#verbose && this.#asked.count > 0 && this.#asked.answer(answer)
  }

  /** The server ends the connection. False when nothing waited for it. */
  #end(answer: Answer): boolean {
    const { count } = this.#asked
    const waited = count + this.#requests.count
    for (let i = 0; i < count; i++) this.#asked.answer(answer)
    this.#requests.fail(answer)
    this.#ended = { ...answer, bytes: 0 }
    return waited > 0
  }

  #tell(said: Said, status: string | undefined, outcome: Outcome): void {
    this.#done(unanswered('nats', said, outcome, false, status))
  }
}

function answerOf(status: string, outcome: Outcome, { startUs, endUs, bytes, gap }: Said): Answer {
  return { status, outcome, startUs, endUs, bytes, gap }
}
