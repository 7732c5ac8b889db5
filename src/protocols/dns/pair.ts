import type { NamedAddress, Outcome, Transaction } from '#model/transaction.ts'
import { opcodeName, opcodeQuery, rcodeOf, typeName } from './codes.ts'
import type { Message, Question } from './message.ts'
import type { Zone } from './records.ts'
import { isTransfer, Transfer } from './transfer.ts'

/** Queries of one flow that may wait for their answers; beyond them the oldest is told unanswered. */
const waitingMax = 256
/** What no resolver waits longer for: a query this old is told unanswered. */
const patienceUs = 5_000_000
/** About what a query takes that waits, with its name. */
const waitingBytes = 512

interface Waiting {
  readonly message: Message
  readonly startUs: number
  readonly bytes: number
  readonly gap: boolean
  /** Of an answer of many messages, what has come. */
  transfer?: Transfer
}

/** What an answer adds to its message. */
export interface Answered {
  readonly rcode: number
  readonly names: readonly NamedAddress[] | undefined
  /** Of a zone that is transferred. */
  readonly zones: readonly Zone[]
  readonly endUs: number
  readonly bytes: number
  readonly gap: boolean
}

/**
 * Pairs the messages of one flow by id and question: answers come in any order, or not at all. A query that is
 * repeated before its answer is a transaction of its own; the first is answered first.
 */
export class Pairs {
  /** Queries told unanswered because too many waited. */
  beyond = 0
  /** Responses to no known query. */
  orphans = 0

  readonly #done: (transaction: Transaction) => void
  readonly #raw: boolean
  /** A zone may come in many messages. */
  readonly #isStream: boolean
  #waiting: Waiting[] = []
  #lossy = false

  constructor(done: (transaction: Transaction) => void, raw: boolean, isStream: boolean) {
    this.#done = done
    this.#raw = raw
    this.#isStream = isStream
  }

  /** About the memory that waiting queries take. */
  get heldBytes(): number {
    return this.#waiting.length * waitingBytes
  }

  ask(message: Message, startUs: number, bytes: number, gap: boolean): void {
    this.#expire(startUs - patienceUs)
    if (this.#waiting.length >= waitingMax) {
      this.beyond++
      this.#unanswered(this.#waiting.shift()!)
    }
    this.#waiting.push({ message, startUs, bytes, gap })
  }

  answer(message: Message, answered: Answered): void {
    const index = this.#waiting.findIndex(waiting => isAnswer(message, waiting.message))
    if (index < 0) {
      this.orphans++
      return
    }
    const waiting = this.#waiting[index]
    if (!this.#isLast(message, waiting, answered)) return
    this.#waiting.splice(index, 1)
    this.#tell(waiting, answered)
  }

  /** False when more messages of the same answer are to come. */
  #isLast(message: Message, waiting: Waiting, answered: Answered): boolean {
    if (!this.#isStream || !isTransfer(waiting.message)) return true
    waiting.transfer ??= new Transfer(waiting.message)
    const { transfer } = waiting
    transfer.bytes += answered.bytes
    transfer.endUs = answered.endUs
    transfer.gap ||= answered.gap
    return transfer.add(message, answered.zones, answered.rcode)
  }

  #tell({ message, startUs, bytes, gap, transfer }: Waiting, answered: Answered): void {
    const { name, outcome } = rcodeOf(answered.rcode)
    this.#done({
      ...this.#request(message, startUs, bytes),
      status: name,
      outcome,
      durationUs: Math.max(0, answered.endUs - startUs),
      responseBytes: transfer?.bytes ?? answered.bytes,
      gap: gap || answered.gap || (transfer?.gap ?? false),
      names: answered.names,
    })
  }

  /** Bytes were lost that may have held answers. */
  lose(): void {
    this.#lossy = this.#waiting.length > 0
  }

  close(): void {
    this.#expire(Number.POSITIVE_INFINITY)
  }

  #expire(beforeUs: number): void {
    while (this.#waiting.length > 0 && lastUs(this.#waiting[0]) < beforeUs) {
      this.#unanswered(this.#waiting.shift()!)
    }
    if (this.#waiting.length === 0) this.#lossy = false
  }

  /** No more comes. Of a zone, what came counts. */
  #unanswered(waiting: Waiting): void {
    const { message, startUs, bytes, gap, transfer } = waiting
    if (transfer) {
      const { rcode, endUs } = transfer
      this.#tell(waiting, { rcode, endUs, names: undefined, zones: [], bytes: 0, gap: this.#lossy })
      return
    }
    const outcome: Outcome = this.#lossy ? 'ok' : 'error'
    this.#done({
      ...this.#request(message, startUs, bytes),
      status: undefined,
      outcome,
      durationUs: undefined,
      responseBytes: 0,
      gap: gap || this.#lossy,
    })
  }

  #request({ opcode, question }: Message, startUs: number, bytes: number) {
    const name = question?.name ?? ''
    return {
      protocol: 'dns',
      method: method(opcode, question),
      resource: this.#raw ? name : name.toLowerCase(),
      startUs,
      requestBytes: bytes,
    }
  }
}

const lastUs = ({ startUs, transfer }: Waiting): number => transfer?.endUs ?? startUs

/** A query is called by what it asks for, other operations by what they do. */
function method(opcode: number, question: Question | undefined): string {
  if (opcode !== opcodeQuery || !question) return opcodeName(opcode)
  return typeName(question.type)
}

/** A response that says what is wrong with a query may leave the question out. */
function isAnswer(response: Message, query: Message): boolean {
  if (response.id !== query.id || response.opcode !== query.opcode) return false
  const { question: answered } = response
  const { question: asked } = query
  if (!answered || !asked) return true
  return answered.type === asked.type && answered.name.toLowerCase() === asked.name.toLowerCase()
}
