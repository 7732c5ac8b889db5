import type { Random } from '#lib/random.ts'
import { otherSide } from '#model/side.ts'
import { traceIdPattern } from '#model/trace-id.ts'
import type { Transaction } from '#model/transaction.ts'
import { type ConversationOptions, converse, shareOptions } from '#protocols/conversation.ts'
import { protocols } from '#protocols/index.ts'
import { flowOf } from '#protocols/talk.ts'
import { Pipeline } from '../../src/pipeline.ts'
import type { Corpus, Recording } from './corpus.ts'
import { mutate } from './mutate.ts'

/** One input in so many is packets through the whole pipeline; the others are talks. */
const packetsEvery = 8
const packetsMax = 300
/** An input that takes more of a processor's time than this hangs, more or less. */
const slowMs = 2000
const methodMax = 256
const statusMax = 256
const resourceMax = 128 * 1024

const ports = [1, ...new Set(protocols.flatMap(protocol => protocol.ports))]

/** Hears inputs, and says what is wrong with how that went. */
export class Hearing {
  readonly #corpus: Corpus
  readonly #faults: string[] = []
  readonly #options: readonly ConversationOptions[]

  constructor(corpus: Corpus) {
    this.#corpus = corpus
    this.#options = [true, false].map(raw => shareOptions({ raw, fault: this.#fault }))
  }

  /** Hears one input, which the numbers decide. Answers what is wrong; `undefined`: nothing. */
  hear(random: Random): string | undefined {
    this.#faults.length = 0
    const startMs = threadMs()
    if (random.next(packetsEvery) === 0) this.#hearPackets(random)
    else this.#hearTalk(random)
    const tookMs = threadMs() - startMs
    if (tookMs > slowMs) this.#faults.push(`took ${Math.round(tookMs)} ms`)
    return this.#faults.length > 0 ? this.#faults.slice(0, 3).join('; ') : undefined
  }

  readonly #fault = (protocol: string, reason: unknown): void => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    this.#faults.push(`${protocol}: ${text}`)
  }

  #hearTalk(random: Random): void {
    const { talks } = this.#corpus
    const talk = talks[random.next(talks.length)]
    const said = mutate(talk, random, this.#corpus)
    const options = this.#options[random.next(2)]
    const port = ports[random.next(ports.length)]
    const flow = flowOf({ transport: talk.transport, midstream: random.next(3) === 0 }, port)
    let told = 0
    const done = (transaction: Transaction) => {
      told++
      this.#check(transaction)
    }
    const reader = converse(flow, protocols, done, options)
    let bytes = 0
    let timeUs = 0
    for (const piece of said) {
      timeUs += random.next(2000)
      // the flow may have been turned round, as `OpenFlow.swap` does it
      const side = flow.client.port === port ? otherSide(piece.side) : piece.side
      if (piece.lostBytes > 0) reader.gap(side, piece.lostBytes, timeUs)
      if (piece.bytes.length > 0) reader.read(side, piece.bytes, 0, piece.bytes.length, timeUs)
      bytes += piece.bytes.length
    }
    reader.close('ended', timeUs)
    if (told > bytes) this.#faults.push(`${told} transactions of ${bytes} bytes`)
    if (options.held.bytes !== 0) {
      this.#faults.push(`${flow.protocol} (${talk.name}) keeps ${options.held.bytes} bytes`)
      options.held.bytes = 0
    }
  }

  #hearPackets(random: Random): void {
    const { recordings } = this.#corpus
    const pipeline = new Pipeline({
      raw: random.next(2) === 0,
      limits: { flowsMax: 64 },
      transaction: transaction => this.#check(transaction),
      fault: this.#fault,
    })
    const recording = recordings[random.next(recordings.length)]
    for (const packet of mutatePackets(recording, recordings, random)) pipeline.add(packet)
    pipeline.tick()
    pipeline.flush()
  }

  #check({ protocol, method, resource, status = '', ...transaction }: Transaction): void {
    const { traceId } = transaction
    if (traceId !== undefined && !traceIdPattern.test(traceId)) {
      this.#faults.push(`${protocol} tells the trace ${traceId}`)
    }
    const { requestBytes, responseBytes, durationUs = 0 } = transaction
    const amounts = [requestBytes, responseBytes, durationUs]
    if (!amounts.every(amount => Number.isFinite(amount) && amount >= 0)) {
      this.#faults.push(`${protocol} tells ${amounts}`)
    }
    const isLong =
      method.length > methodMax || resource.length > resourceMax || status.length > statusMax
    if (isLong) {
      const lengths = [method.length, resource.length, status.length]
      this.#faults.push(`${protocol} tells texts of ${lengths} characters`)
    }
  }
}

/** Processor time of this thread: the machine may be busy. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** Packets of a recording: lost, repeated, exchanged, damaged, cut, mixed with another's. */
function* mutatePackets(
  { packets }: Recording,
  recordings: readonly Recording[],
  random: Random,
): Generator<Recording['packets'][number]> {
  const from = random.next(packets.length)
  const chosen = packets.slice(random.next(2) === 0 ? 0 : from).slice(0, packetsMax)
  const other = recordings[random.next(recordings.length)].packets
  const rate = 1 + random.next(50)
  for (let i = 0; i < chosen.length; i++) {
    const packet = chosen[i]
    const kind = random.next(rate * 7)
    if (kind === 0) continue
    if (kind === 1) yield packet
    if (kind === 2) yield chosen[random.next(chosen.length)]
    if (kind === 3) yield other[random.next(other.length)]
    if (kind === 4) yield damaged(packet, random)
    else if (kind === 5) yield { ...packet, end: random.next(packet.end + 1) }
    else if (kind === 6) yield { ...packet, timeUs: packet.timeUs + random.next(2e9) - 1e9 }
    else yield packet
  }
}

function damaged(packet: Recording['packets'][number], random: Random) {
  const bytes = Uint8Array.from(packet.bytes)
  for (let i = random.next(4); i >= 0; i--) bytes[random.next(bytes.length)] = random.next(256)
  return { ...packet, bytes }
}
