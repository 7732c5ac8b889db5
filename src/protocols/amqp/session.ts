import type { ByteReader } from '#lib/byte-reader.ts'
import { clientSide, otherSide, type Side, serverSide } from '#model/side.ts'
import type { Outcome, Transaction } from '#model/transaction.ts'
import type { Answer } from '../pair.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { DecoderOptions } from '../protocol.ts'
import { unanswered } from '../told.ts'
import { ArgumentReader, type Arguments } from './arguments.ts'
import { Channel, type Content, channelBytes } from './channel.ts'
import { isGood, outcomeOf, statusOf } from './codes.ts'
import { Confirms } from './confirms.ts'
import { Consumers } from './consumers.ts'
import { ids, type Method, methodOf } from './methods.ts'
import { Names } from './names.ts'

/** Channels of a connection that are followed. Servers allow 2047, as a rule. */
const channelsMax = 4096

/** What became of something that was said without an answer. */
type End = Pick<Answer, 'status' | 'outcome'>
const good: End = { status: undefined, outcome: 'ok' }
const degraded: End = { status: undefined, outcome: 'warning' }

/** What is known of a frame, or of several that are told as one. Reused: valid during the call. */
export interface Frame {
  side: Side
  channel: number
  bytes: number
  startUs: number
  endUs: number
  gap: boolean
}

/**
 * What client and server of one connection do to each other. Told are: a synchronous method with its `-ok`, whoever of
 * both asked; a message published, once all of it was said, or, where the channel confirms, with its confirmation; and
 * what else is said without an answer: messages delivered and returned, acks of the client, faults.
 */
export class Session {
  /** Frames on channels beyond `channelsMax`. */
  beyond = 0
  /** When the last bytes came, or were lost. */
  nowUs = 0

  readonly #done: (transaction: Transaction) => void
  readonly #arguments: ArgumentReader
  readonly #calls: PairsByNumber
  readonly #confirms: Confirms
  readonly #consumers = new Consumers()
  readonly #channels = new Map<number, Channel>()
  #latest: Channel | undefined
  /** Of each side's losses: the channels used since the last one. Hostile bytes lose often, and channels are many. */
  readonly #used: [Set<Channel>, Set<Channel>] = [new Set(), new Set()]
  #nextCall = 1
  /** Bytes were lost since all calls were answered: which reply belongs to which may be wrong. */
  #uncertain = false
  #version = ''

  constructor(done: (transaction: Transaction) => void, options: DecoderOptions) {
    this.#done = done
    this.#arguments = new ArgumentReader(new Names(options))
    this.#calls = new PairsByNumber('amqp', done)
    this.#confirms = new Confirms(done)
  }

  /** About the memory that channels, consumers and waiting requests take. */
  get heldBytes(): number {
    const waiting = this.#calls.heldBytes + this.#confirms.heldBytes
    return waiting + this.#channels.size * channelBytes + this.#consumers.heldBytes
  }

  /** The client's protocol header. */
  greeted(version: string): void {
    this.#version = version
  }

  /** The server answered with a protocol header of its own: it does not speak the client's, and closes. */
  refused(frame: Frame): void {
    if (this.#version === '') return
    this.#tell('protocol-header', this.#version, frame, { status: 'REFUSED', outcome: 'warning' })
  }

  /** A method, with its arguments in the reader. One that is not known, or not that side's to say, is passed over. */
  method(id: number, reader: ByteReader, frame: Frame): void {
    const method = methodOf(id)
    if (!method || !maySay(frame.side, method)) return
    const channel = this.#channel(frame.channel, id === ids.channelOpen)
    const given = channel && this.#arguments.read(method, reader)
    if (!given) return
    if (method.content) this.#begin(channel.contents[frame.side], method, given, frame)
    else if (method.kind === 'reply') this.#reply(channel, id, frame, given.rest)
    else if (method.kind === 'say') this.#say(channel, method, given, frame)
    else if (id === ids.channelClose || id === ids.connectionClose) {
      this.#close(channel, method, given, frame)
    } else this.#ask(channel, method, given, frame)
  }

  /** The header of a message: how long its body is. */
  header(bodyBytes: number, frame: Frame): void {
    const content = this.#channels.get(frame.channel)?.contents[frame.side]
    if (!content?.method) return
    content.left = bodyBytes
    this.#add(content, 0, frame)
  }

  /** Part of a body. */
  body(bodyBytes: number, frame: Frame): void {
    const content = this.#channels.get(frame.channel)?.contents[frame.side]
    if (content?.method && content.left >= 0) this.#add(content, bodyBytes, frame)
  }

  /**
   * Bytes of a side are missing: the messages it was sending are told as far as they were seen, and what waits for its
   * answers is told without, since a later answer might be taken for one that was lost.
   */
  lose(side: Side): void {
    const used = this.#used[side]
    this.#used[side] = new Set()
    for (const channel of used) {
      channel.isUsed[side] = false
      const content = channel.contents[side]
      content.gap = true
      if (content.method) this.#complete(channel, content, side, this.nowUs)
      if (side === clientSide && channel.confirming === 'yes') channel.confirming = 'unknown'
      if (side === serverSide) channel.forgetCalls()
    }
    this.#calls.lose(this.nowUs)
    if (side === serverSide) {
      this.#calls.close()
      this.#confirms.lose(this.nowUs)
    }
    this.#uncertain = this.#calls.count > 0
  }

  close(): void {
    this.#calls.close()
    this.#confirms.close()
  }

  /** The channel with a number; `opened`: a new one by that number. */
  #channel(number: number, opened: boolean): Channel | undefined {
    if (this.#latest?.number === number && !opened) return this.#use(this.#latest)
    let channel = opened ? undefined : this.#channels.get(number)
    if (!channel) {
      if (this.#channels.size >= channelsMax && !this.#channels.has(number)) {
        this.beyond++
        return undefined
      }
      const before = this.#channels.get(number)
      if (before) this.#drop(before)
      channel = new Channel(number)
      this.#channels.set(number, channel)
    }
    this.#latest = channel
    return this.#use(channel)
  }

  #use(channel: Channel): Channel {
    for (const side of [clientSide, serverSide] as const) {
      if (channel.isUsed[side]) continue
      channel.isUsed[side] = true
      this.#used[side].add(channel)
    }
    return channel
  }

  #ask(channel: Channel, method: Method, { resource, silent }: Arguments, frame: Frame): void {
    const { side, startUs, bytes, gap } = frame
    const shown = this.#subject(channel, method, resource)
    if (method.id === ids.confirmSelect && channel.confirming === 'no') channel.confirming = 'yes'
    if (silent) {
      // a server that cancels a consumer: its queue is gone
      this.#tell(method.name, shown, frame, side === serverSide ? degraded : good)
      return
    }
    const number = this.#nextCall++
    const asked = this.#calls.ask(number, method.name, shown, startUs)
    asked.bytes = bytes
    asked.gap = gap
    asked.kind = method.reply
    if (this.#calls.waiting(number)) channel.calls[side].push(number)
  }

  /** What people call what a method is about. */
  #subject(channel: Channel, { id, name }: Method, resource: string): string {
    if (id === ids.queueDeclare) {
      if (resource !== '') channel.queue = resource
      return resource === '' ? '<new queue>' : resource
    }
    if (id === ids.cancel) return this.#consumers.queue(channel.number, resource)
    const isQueue = name.startsWith('queue.') || id === ids.consume || id === ids.get
    return isQueue && resource === '' ? channel.queue : resource
  }

  #reply(channel: Channel, id: number, frame: Frame, reader?: ByteReader): void {
    const side = otherSide(frame.side)
    const wanted = id === ids.getEmpty ? ids.getOk : id
    const number = channel.takeCall(side, number => {
      const asked = this.#calls.waiting(number)
      return asked?.kind === wanted && asked.startUs <= frame.startUs
    })
    if (number !== undefined) {
      if (reader && id === ids.queueDeclareOk) this.#declared(channel, number, reader)
      if (reader && id === ids.consumeOk) this.#consumed(channel, number, reader)
      this.#calls.answer(number, this.#answer(id === ids.getEmpty ? 'EMPTY' : 'OK', 'ok', frame))
    }
    if (this.#calls.count === 0) this.#uncertain = false
    if (id === ids.channelCloseOk) this.#forget(channel)
  }

  #declared(channel: Channel, number: number, reader: ByteReader): void {
    const queue = this.#arguments.text(reader)
    if (queue === '') return
    channel.queue = queue
    const asked = this.#calls.waiting(number)
    if (asked) asked.resource = queue
  }

  #consumed(channel: Channel, number: number, reader: ByteReader): void {
    const asked = this.#calls.waiting(number)
    if (asked) this.#consumers.add(channel.number, this.#arguments.text(reader), asked.resource)
  }

  #say(channel: Channel, { id, name }: Method, { resource, rest }: Arguments, frame: Frame): void {
    const confirms = (id === ids.ack || id === ids.nack) && frame.side === serverSide
    if (confirms) this.#confirm(channel, id, rest, frame)
    else this.#tell(name, resource, frame, id === ids.connectionBlocked ? degraded : good)
  }

  /** An ack or nack of the server's. Of a publish that was not seen it tells nothing. */
  #confirm(channel: Channel, id: number, reader: ByteReader, frame: Frame): void {
    const tag = reader.u64()
    const multiple = (reader.u8() & 1) !== 0
    if (reader.short || channel.confirming === 'no') return
    const isAck = id === ids.ack
    const answer = this.#answer(isAck ? 'ACK' : 'NACK', isAck ? 'ok' : 'error', frame)
    this.#confirms.confirm(channel, tag, multiple, answer)
  }

  /** A close for a fault tells what became of all that waits; it is a transaction too: a channel was lost. */
  #close(channel: Channel, method: Method, given: Arguments, frame: Frame): void {
    const { code } = given
    const cause = methodOf(given.rest.u32())
    if (isGood(code)) {
      this.#ask(channel, method, given, frame)
      return
    }
    const status = statusOf(code)
    const outcome = outcomeOf(code, frame.side)
    const answer = this.#answer(status, outcome, frame)
    const closed = method.id === ids.connectionClose ? this.#channels.values() : [channel]
    for (const one of closed) this.#fail(one, otherSide(frame.side), answer)
    this.#tell(method.name, cause?.name ?? '', frame, { status, outcome })
  }

  #fail(channel: Channel, side: Side, answer: Answer): void {
    for (const number of channel.calls[side].splice(0)) this.#calls.answer(number, answer)
    if (side === clientSide) this.#confirms.fail(channel, answer)
  }

  /** A method that a message follows. */
  #begin(content: Content, method: Method, { resource, code }: Arguments, frame: Frame): void {
    const { channel, side, startUs, bytes, gap } = frame
    if (content.method) this.#complete(this.#channels.get(channel)!, content, side, startUs)
    content.method = method
    content.resource = resource
    content.code = code
    content.startUs = startUs
    content.bytes = bytes
    content.gap = gap
    content.left = -1
  }

  #add(content: Content, bodyBytes: number, { channel, side, bytes, endUs, gap }: Frame): void {
    content.bytes += bytes
    content.left -= bodyBytes
    if (gap) content.gap = true
    if (content.left <= 0) this.#complete(this.#channels.get(channel)!, content, side, endUs)
  }

  #complete(channel: Channel, content: Content, side: Side, endUs: number): void {
    const { method, resource, startUs, bytes, gap, code } = content
    content.method = undefined
    if (!method) return
    const frame = { side, channel: channel.number, bytes, startUs, endUs, gap }
    const end = code === 0 ? good : { status: statusOf(code), outcome: outcomeOf(code, side) }
    if (method.id === ids.getOk) this.#reply(channel, ids.getOk, frame)
    else if (method.id === ids.publish && channel.confirming === 'yes') {
      this.#confirms.publish(channel, content)
    } else this.#tell(method.name, resource, frame, end)
  }

  #forget(channel: Channel): void {
    this.#drop(channel)
  }

  #drop(channel: Channel): void {
    this.#channels.delete(channel.number)
    for (const used of this.#used) used.delete(channel)
    this.#latest = undefined
  }

  #answer(status: string, outcome: Outcome, { startUs, endUs, bytes, gap }: Frame): Answer {
    return { status, outcome, startUs, endUs, bytes, gap: gap || this.#uncertain }
  }

  #tell(method: string, resource: string, frame: Frame, { status, outcome }: End): void {
    const { startUs, bytes, gap } = frame
    this.#done(
      unanswered('amqp', { method, resource, startUs, bytes, gap }, outcome, false, status),
    )
  }
}

const maySay = (side: Side, { from }: Method): boolean =>
  from === 'both' || (from === 'client' ? clientSide : serverSide) === side
