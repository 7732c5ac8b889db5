import { clientSide, type Side } from '#model/side.ts'
import type { Transaction } from '#model/transaction.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { Decoder, DecoderOptions } from '../protocol.ts'
import { Command } from './command.ts'
import { type Frame, readFrame, udpHeaderBytes } from './frame.ts'
import { Reply } from './reply.ts'

/** Replies of many datagrams of which some have come; another's datagrams are not waited for. */
const piecemealMax = 256
const piecemealBytes = 512

/** A reply of one datagram or many, so far. */
interface Piecemeal {
  readonly reply: Reply
  /** Sequence number of the datagram with which reading goes on; undefined: it does not, what came shows the status. */
  next: number | undefined
  /** Bytes of data at the beginning of that datagram. */
  dataBytes: number
  /** Datagrams of the message at hand still to come. */
  left: number
  readonly startUs: number
  bytes: number
}

/** memcached over UDP: a command is one datagram, its reply one or more. Their headers' request id pairs them. */
export class Datagrams implements Decoder {
  readonly #pairs: PairsByNumber
  readonly #command: Command
  readonly #options: DecoderOptions
  readonly #piecemeal = new Map<number, Piecemeal>()

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#pairs = new PairsByNumber('memcached', done)
    this.#command = new Command(options)
    this.#options = options
  }

  get heldBytes(): number {
    return this.#pairs.heldBytes + this.#piecemeal.size * piecemealBytes
  }

  read(side: Side, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const frame = readFrame(bytes, start, end)
    if (!frame) return
    if (side === clientSide) this.#ask(frame, bytes, start, end, timeUs)
    else this.#hear(frame, bytes, start, end, timeUs)
  }

  gap(): void {}

  close(timeUs: number): void {
    for (const [id, reply] of this.#piecemeal) this.#answer(id, reply, timeUs)
    this.#pairs.close()
  }

  #ask({ id }: Frame, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const command = this.#command
    if (command.read(bytes, start + udpHeaderBytes, end) <= 0) return
    const { method, resource } = command
    if (command.isNeverAnswered) {
      this.#pairs.say(method, resource, timeUs, end - start, false)
      return
    }
    const asked = this.#pairs.ask(id, method, resource, timeUs)
    asked.bytes = end - start
    asked.kind = command.kind
    asked.quiet = command.isQuiet
    this.#piecemeal.delete(id)
  }

  #hear(frame: Frame, bytes: Uint8Array, start: number, end: number, timeUs: number): void {
    const { id, sequence, count } = frame
    if (!this.#pairs.waiting(id)) {
      this.#pairs.orphans++
      return
    }
    const heard = this.#piecemeal.get(id) ?? begun(new Reply(this.#options), timeUs)
    if (heard.left === 0) continueWith(heard, count)
    heard.bytes += end - start
    heard.left--
    if (sequence === heard.next) read(heard, bytes, start + udpHeaderBytes, end)
    if (isWhole(heard) || this.#piecemeal.size >= piecemealMax) this.#answer(id, heard, timeUs)
    else this.#piecemeal.set(id, heard)
  }

  #answer(id: number, heard: Piecemeal, endUs: number): void {
    this.#piecemeal.delete(id)
    const asked = this.#pairs.waiting(id)
    if (!asked) return
    const { reply, startUs, bytes, left } = heard
    const [status, outcome] = reply.status(asked)
    this.#pairs.answer(id, { status, outcome, startUs, endUs, bytes, gap: left > 0 })
  }
}

function begun(reply: Reply, startUs: number): Piecemeal {
  return { reply, next: 0, dataBytes: 0, left: 0, startUs, bytes: 0 }
}

/** memcached sends each item, and the end, as a message of its own. */
function continueWith(heard: Piecemeal, count: number): void {
  heard.left = count
  if (heard.next !== undefined) heard.next = 0
}

function isWhole({ left, next, reply }: Piecemeal): boolean {
  return left === 0 && (next === undefined || reply.isWhole)
}

/** Reads a datagram on from where the one before it ended. A line that is cut in two ends it. */
function read(heard: Piecemeal, bytes: Uint8Array, start: number, end: number): void {
  const { reply } = heard
  let at = start + heard.dataBytes
  while (at < end && !reply.isWhole) {
    const taken = reply.read(bytes, at, end)
    if (taken <= 0) {
      heard.next = undefined
      return
    }
    at += taken + reply.dataBytes
  }
  heard.next = (heard.next ?? 0) + 1
  heard.dataBytes = at - end
}
