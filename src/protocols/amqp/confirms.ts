import type { Transaction } from '#model/transaction.ts'
import type { Answer } from '../pair.ts'
import { PairsByNumber } from '../pair-by-number.ts'
import type { Channel, Content } from './channel.ts'

/** Channels are numbers of 16 bits. */
const channelCount = 0x10000

/**
 * Publishes that wait for their confirmation (https://www.rabbitmq.com/docs/confirms): on a channel that confirms they
 * are numbered from 1 on, and the server acks or nacks a number, or all up to it.
 */
export class Confirms {
  readonly #pairs: PairsByNumber

  constructor(done: (transaction: Transaction) => void) {
    this.#pairs = new PairsByNumber('amqp', done)
  }

  get heldBytes(): number {
    return this.#pairs.heldBytes
  }

  /** A message was published. */
  publish(channel: Channel, { resource, startUs, bytes, gap }: Content): void {
    const number = keyOf(channel, ++channel.published)
    const asked = this.#pairs.ask(number, 'basic.publish', resource, startUs)
    asked.bytes = bytes
    asked.gap = gap
  }

  /** The server confirms a number, or `multiple`: all up to it; 0 is all there are. */
  confirm(channel: Channel, tag: number, multiple: boolean, answer: Answer): void {
    if (multiple) this.#answerAll(channel, tag === 0 ? channel.published : tag, answer)
    else if (tag > channel.confirmed && tag <= channel.published) {
      this.#pairs.answer(keyOf(channel, tag), answer)
      if (tag === channel.confirmed + 1) channel.confirmed = tag
    }
  }

  /** The channel is closed: this is what all that wait on it come to. */
  fail(channel: Channel, answer: Answer): void {
    this.#answerAll(channel, channel.published, answer)
  }

  /** Confirmations may be among lost bytes: all that wait are told without. */
  lose(timeUs: number): void {
    this.#pairs.lose(timeUs)
    this.#pairs.close()
  }

  close(): void {
    this.#pairs.close()
  }

  /** Each number is passed but once, however often the server confirms. */
  #answerAll(channel: Channel, upTo: number, answer: Answer): void {
    const last = Math.min(upTo, channel.published)
    while (channel.confirmed < last) {
      const number = keyOf(channel, ++channel.confirmed)
      if (this.#pairs.waiting(number)) this.#pairs.answer(number, answer)
    }
  }
}

const keyOf = ({ number }: Channel, tag: number): number => tag * channelCount + number
