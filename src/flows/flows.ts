import type { Flow, FlowEnd, FlowReader, OpenFlow, Transport } from '#model/flow.ts'
import type { Packet } from '#model/packet.ts'
import { ByteOrder } from './byte-order.ts'
import { type Beginning, Conversation } from './conversation.ts'
import { emptyCounters, type FlowCounters } from './counters.ts'
import { FlowKey } from './flow-key.ts'
import { FlowTable } from './flow-table.ts'
import { IdleQueue } from './idle-queue.ts'
import { IpHeader, ipProtocol } from './ip.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Segment } from './segment.ts'
import type { Stream } from './stream.ts'
import { beginning, beginsAnew, Tcp } from './tcp.ts'
import { beginningOf, takeDatagram } from './udp.ts'

/** Some of all flows: those whose hash is `index` modulo `count`. Who reads the others has the same seed. */
export interface FlowShare {
  readonly index: number
  readonly count: number
  readonly seed: number
}

/** Who reads the bytes, which flows are taken, and limits that are not the default ones. */
export interface FlowsOptions extends Partial<Limits>, Partial<FlowShare> {
  /** Called once when a flow is opened; answers the reader of its bytes, or undefined to count only. */
  open(flow: OpenFlow): FlowReader | undefined
}

/** An ended flow takes nothing later, so that one that was ended in error comes back. */
const lingerUsMax = 70_000_000

/** Slots looked at in one `tick`, and the time between two rounds over all of them. */
const sweepSlotsMax = 65_536
const sweepEveryUs = 1_000_000

/**
 * Makes flows of packets. `add` takes each packet; `tick` tells it how late it is, at least once a second, also
 * when there are no packets; `visit` shows what changed; `flush` ends it. Time is that of the packets. Allocates when a
 * flow is opened and when segments come early, never per packet.
 */
export class Flows {
  readonly #options: Limits & Pick<FlowsOptions, 'open'>
  readonly #counters = emptyCounters()
  readonly #held: { heldBytes: number; readonly heldBytesMax: number }
  readonly #table: FlowTable
  readonly #key: FlowKey
  /** The flow in each slot of the table. */
  readonly #slots: (Conversation | undefined)[]
  readonly #idle = new IdleQueue()
  /** Removed since the last visit, and changed before. */
  #gone: Conversation[] = []
  readonly #ip = new IpHeader()
  readonly #segment = new Segment()
  readonly #order: ByteOrder
  readonly #tcp: Tcp
  /** No limit of time can be passed by less. */
  readonly #shortestUs: number
  readonly #share: number
  readonly #shares: number
  #nextId = 1
  #sweepSlot = 0
  #sweepUs = Number.NEGATIVE_INFINITY

  constructor(options: FlowsOptions) {
    const seed = Math.floor(Math.random() * 2 ** 32)
    this.#options = { seed, ...defaultLimits, ...options }
    const { flowsMax, holdUs, attemptUs, udpIdleUs, heldBytesMax } = this.#options
    const { halfClosedUs, tcpIdleUs } = this.#options
    this.#held = { heldBytes: 0, heldBytesMax }
    this.#share = options.index ?? 0
    this.#shares = options.count ?? 1
    this.#table = new FlowTable(flowsMax)
    this.#key = new FlowKey(this.#options.seed)
    this.#slots = new Array(flowsMax).fill(undefined)
    this.#order = new ByteOrder(this.#counters, this.#held, holdUs)
    this.#tcp = new Tcp(this.#counters, this.#order)
    this.#shortestUs = Math.min(attemptUs, udpIdleUs, halfClosedUs, tcpIdleUs)
  }

  get counters(): FlowCounters {
    this.#counters.flows = this.#table.size
    this.#counters.heldBytes = this.#held.heldBytes
    return this.#counters
  }

  /** Takes a packet; its bytes are read during the call only. */
  add(packet: Packet): void {
    const counters = this.#counters
    counters.packets++
    counters.bytes += packet.lengthBytes
    const verdict = this.#ip.parse(packet)
    if (verdict === 'parsed') this.#addTransport(packet)
    else if (verdict === 'laterFragment') counters.laterFragments++
    else counters[verdict]++
  }

  /** Ends what is over by now. Looks at a bounded number of flows a call. */
  tick(nowUs: number): void {
    if (this.#sweepSlot === 0) {
      if (Math.abs(nowUs - this.#sweepUs) < sweepEveryUs) return
      this.#sweepUs = nowUs
    }
    const { slotsMax } = this.#table
    const end = Math.min(slotsMax, this.#sweepSlot + sweepSlotsMax)
    for (let slot = this.#sweepSlot; slot < end; slot++) {
      const flow = this.#slots[slot]
      if (flow) this.#sweep(flow, nowUs)
    }
    this.#sweepSlot = end === slotsMax ? 0 : end
  }

  /** Shows each flow that changed since the last visit, the removed ones for the last time. */
  visit(changed: (flow: Flow) => void): void {
    const gone = this.#gone
    this.#gone = []
    for (const flow of gone) changed(flow)
    if (this.#table.size === 0) return
    for (const flow of this.#slots) {
      if (!flow?.isChanged) continue
      flow.isChanged = false
      changed(flow)
    }
  }

  /** No more packets: closes every flow. What was open stays so in its state. */
  flush(nowUs: number): void {
    for (const flow of this.#slots) {
      if (!flow) continue
      this.#close(flow, flow.state === 'attempted' ? 'unanswered' : 'idle', nowUs)
      this.#remove(flow)
    }
  }

  #addTransport(packet: Packet): void {
    const { protocol } = this.#ip
    if (protocol === ipProtocol.tcp) this.#addSegment(packet)
    else if (protocol === ipProtocol.udp) this.#addDatagram(packet)
    else if (protocol === ipProtocol.icmp || protocol === ipProtocol.icmp6) this.#counters.icmp++
    else if (protocol === ipProtocol.esp) this.#counters.esp++
    else this.#counters.other++
  }

  #addSegment(packet: Packet): void {
    this.#counters.tcp++
    const segment = this.#segment
    if (!segment.parse(packet, this.#ip)) {
      this.#counters.malformed++
      return
    }
    this.#key.fill(this.#ip, packet.namespace << 1, segment.ports)
    if (this.#shares > 1 && !this.#isOurs()) return
    const flow = this.#known(packet, segment) ?? this.#begin(packet, segment)
    if (!flow) return
    const end = this.#tcp.take(flow, this.#touch(flow, packet), segment)
    if (end !== undefined) this.#close(flow, end, packet.timeUs)
  }

  #addDatagram(packet: Packet): void {
    this.#counters.udp++
    const ip = this.#ip
    if (ip.start + 8 > ip.end) {
      this.#counters.malformed++
      return
    }
    const ports = ip.view.getInt32(ip.start)
    this.#key.fill(ip, (packet.namespace << 1) | 1, ports)
    if (this.#shares > 1 && !this.#isOurs()) return
    const flow = this.#known(packet, undefined) ?? this.#open(packet, 'udp', beginningOf(ports))
    if (flow) takeDatagram(flow, this.#touch(flow, packet), packet, ip, this.#counters)
  }

  /** Upper bits of the hash: the lower ones find its place in the table. */
  #isOurs(): boolean {
    return (this.#key.hash >>> 16) % this.#shares === this.#share
  }

  /** The flow of the key; undefined when there is none, or it is over and another begins. */
  #known(packet: Packet, segment: Segment | undefined): Conversation | undefined {
    const slot = this.#table.find(this.#key)
    if (slot < 0) return undefined
    const flow = this.#slots[slot]!
    const isQuiet = packet.timeUs - flow.lastUs < this.#shortestUs && flow.end === undefined
    if (isQuiet && !segment?.isSyn) return flow
    return this.#knownStill(flow, packet, segment)
  }

  #knownStill(flow: Conversation, packet: Packet, segment?: Segment): Conversation | undefined {
    this.#expire(flow, packet.timeUs)
    if (flow.slot < 0) return undefined
    if (!segment?.isSyn || !beginsAnew(flow, this.#streamOf(flow), segment)) return flow
    this.#close(flow, flow.state === 'attempted' ? 'unanswered' : 'ended', packet.timeUs)
    this.#remove(flow)
    return undefined
  }

  #begin(packet: Packet, segment: Segment): Conversation | undefined {
    const begins = beginning(segment)
    if (begins) return this.#open(packet, 'tcp', begins)
    this.#counters.strays++
    return undefined
  }

  #open(packet: Packet, transport: Transport, begins: Beginning): Conversation | undefined {
    if (this.#table.isFull) this.#evict(packet.timeUs)
    const slot = this.#table.add(this.#key)
    if (slot < 0) {
      this.#counters.crowded++
      return undefined
    }
    const opening = { id: this.#nextId++, transport, begins }
    const flow = new Conversation(opening, packet, this.#key, slot)
    this.#slots[slot] = flow
    this.#counters.opened++
    flow.reader = this.#options.open(flow)
    return flow
  }

  /** Notes that the sender of the packet at hand was there; answers its stream. */
  #touch(flow: Conversation, packet: Packet): Stream {
    flow.lastUs = packet.timeUs
    flow.isChanged = true
    return this.#streamOf(flow)
  }

  #streamOf(flow: Conversation): Stream {
    return this.#key.fromLow ? flow.low : flow.high
  }

  #evict(nowUs: number): void {
    const flow = this.#idle.longestIdle(this.#slots)
    if (!flow) return
    if (flow.end === undefined) this.#counters.evicted++
    this.#close(flow, 'evicted', nowUs)
    this.#remove(flow)
  }

  #sweep(flow: Conversation, nowUs: number): void {
    this.#expire(flow, nowUs)
    if (flow.holding === 0) return
    this.#order.settle(flow, flow.low, nowUs)
    this.#order.settle(flow, flow.high, nowUs)
  }

  /** Closes a flow whose time is over, and removes it when nothing late can be of it. */
  #expire(flow: Conversation, nowUs: number): void {
    const options = this.#options
    if (flow.end !== undefined) {
      const lingerUs = flow.end === 'unanswered' ? options.attemptLingerUs : options.lingerUs
      const lateUs = Math.max(nowUs - flow.lastUs - lingerUs, nowUs - flow.endUs - lingerUsMax)
      if (lateUs > 0) this.#remove(flow)
      return
    }
    const idleUs = nowUs - flow.lastUs
    if (flow.state === 'attempted') {
      if (nowUs - flow.startUs >= options.attemptUs) this.#close(flow, 'unanswered', nowUs)
    } else if (idleUs > (flow.transport === 'tcp' ? options.tcpIdleUs : options.udpIdleUs)) {
      this.#close(flow, 'idle', nowUs)
      this.#remove(flow)
    } else if (idleUs > options.halfClosedUs && (flow.low.isFinished || flow.high.isFinished)) {
      this.#close(flow, 'ended', nowUs)
    }
  }

  /** Gives on what is held and tells the reader; once. */
  #close(flow: Conversation, end: FlowEnd, timeUs: number): void {
    if (flow.end !== undefined) return
    this.#order.flush(flow, flow.low, timeUs)
    this.#order.flush(flow, flow.high, timeUs)
    flow.close(end, timeUs)
  }

  #remove(flow: Conversation): void {
    this.#table.remove(flow.slot, flow.hash)
    this.#slots[flow.slot] = undefined
    flow.slot = -1
    if (!flow.isChanged) return
    if (this.#gone.length < this.#options.flowsMax) this.#gone.push(flow)
    else this.#counters.unvisited++
  }
}
