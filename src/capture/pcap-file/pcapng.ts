import { incoming, outgoing, type PacketSink, unknownDirection } from '#model/packet.ts'
import { type LinkLayer, linkLayerOf } from '../link-layer.ts'
import type { ByteQueue } from './byte-queue.ts'
import { end, type FormatReader, give, packetBytesMax, type Reading } from './reading.ts'
import { microsecondClock, type TimestampClock, timestampClock } from './timestamp.ts'

/** The first four bytes of a pcapng file, in either byte order. */
export const sectionHeader = 0x0a0d0d0a

const interfaceDescription = 1
const oldPacket = 2
const simplePacket = 3
const interfaceStatistics = 5
const enhancedPacket = 6

const byteOrderMagic = 0x1a2b3c4d
const byteOrderMagicSwapped = 0x4d3c2b1a

const optionTimestampResolution = 9
const optionTimestampOffset = 14
const optionPacketFlags = 2
const optionInterfaceDrops = 5
const optionSystemDrops = 7

/** More interfaces in a section than this is damage. */
const interfacesMax = 65_536
/** Blocks that are read whole: a packet and what is written around it. */
const blockBytesMax = packetBytesMax + 65_536

interface Interface {
  readonly linkLayer: LinkLayer
  readonly snapBytes: number
  readonly clock: TimestampClock
  /** As the last statistics of this interface said. */
  drops: number
}

/**
 * Reads the pcapng format (draft-ietf-opsawg-pcapng): blocks of type 4, total length 4, body, total length 4,
 * in the byte order of their section. Blocks that hold no packet and tell nothing of packets are passed over.
 */
export class PcapngReader implements FormatReader {
  readonly #queue: ByteQueue
  readonly #reading: Reading
  #littleEndian = true
  #interfaces: Interface[] = []

  /** The queue begins with a section header. */
  constructor(queue: ByteQueue, reading: Reading) {
    this.#queue = queue
    this.#reading = reading
  }

  drain(sink: PacketSink, packetsMax: number): number {
    let given = 0
    while (given < packetsMax && !this.#reading.ended) given += this.#readBlock(sink)
    return given
  }

  #readBlock(sink: PacketSink): number {
    const queue = this.#queue
    const reading = this.#reading
    if (!queue.need(12)) {
      end(reading, queue.start < queue.end ? 'cut' : undefined)
      return 0
    }
    const type = queue.view.getUint32(queue.start, this.#littleEndian)
    if (type === sectionHeader && !this.#beginSection()) return 0
    const length = queue.view.getUint32(queue.start + 4, this.#littleEndian)
    if (length < 12 || length % 4 !== 0) {
      end(reading, 'damaged')
      return 0
    }
    return this.#isRead(type) ? this.#readBody(type, length, sink) : this.#passOver(length)
  }

  #isRead(type: number): boolean {
    return type <= enhancedPacket && type !== 4
  }

  #passOver(length: number): number {
    if (!this.#queue.skip(length)) end(this.#reading, 'cut')
    return 0
  }

  #readBody(type: number, length: number, sink: PacketSink): number {
    const queue = this.#queue
    if (length > blockBytesMax) {
      end(this.#reading, 'damaged')
      return 0
    }
    if (!queue.need(length)) {
      end(this.#reading, 'cut')
      return 0
    }
    const start = queue.start + 8
    const stop = queue.start + length - 4
    queue.start += length
    if (type === enhancedPacket) return this.#readEnhanced(start, stop, sink)
    if (type === oldPacket) return this.#readOld(start, stop, sink)
    if (type === simplePacket) return this.#readSimple(start, stop, sink)
    if (type === interfaceDescription) this.#readInterface(start, stop)
    if (type === interfaceStatistics) this.#readStatistics(start, stop)
    return 0
  }

  /** Learns the section's byte order and forgets the interfaces of the one before. */
  #beginSection(): boolean {
    const { view, start } = this.#queue
    const magic = view.getUint32(start + 8, true)
    if (magic !== byteOrderMagic && magic !== byteOrderMagicSwapped) {
      return end(this.#reading, 'damaged')
    }
    this.#littleEndian = magic === byteOrderMagic
    this.#interfaces = []
    return true
  }

  /** Link type 2, reserved 2, snapshot length 4, options. */
  #readInterface(start: number, stop: number): void {
    if (stop - start < 8 || this.#interfaces.length >= interfacesMax) {
      end(this.#reading, 'damaged')
      return
    }
    const { bytes, view } = this.#queue
    const resolutionAt = this.#option(start + 8, stop, optionTimestampResolution, 1)
    const offsetAt = this.#option(start + 8, stop, optionTimestampOffset, 8)
    const offset = offsetAt < 0 ? 0 : Number(view.getBigInt64(offsetAt, this.#littleEndian))
    this.#interfaces.push({
      linkLayer: linkLayerOf(view.getUint16(start, this.#littleEndian)),
      snapBytes: view.getUint32(start + 4, this.#littleEndian) || 0xffffffff,
      clock:
        resolutionAt < 0 && offset === 0
          ? microsecondClock
          : timestampClock(resolutionAt < 0 ? 6 : bytes[resolutionAt], offset),
      drops: 0,
    })
  }

  /** Interface 4, time 4 + 4, captured length 4, original length 4, packet padded to 4, options. */
  #readEnhanced(start: number, stop: number, sink: PacketSink): number {
    const { view } = this.#queue
    const littleEndian = this.#littleEndian
    if (stop - start < 20) return this.#damaged()
    const source = this.#interfaces[view.getUint32(start, littleEndian)]
    return this.#give(source, start + 4, start + 20, stop, sink)
  }

  /** Interface 2, packets dropped 2, then as the enhanced packet. */
  #readOld(start: number, stop: number, sink: PacketSink): number {
    const { view } = this.#queue
    const littleEndian = this.#littleEndian
    if (stop - start < 20) return this.#damaged()
    const source = this.#interfaces[view.getUint16(start, littleEndian)]
    return this.#give(source, start + 4, start + 20, stop, sink)
  }

  /** `at`: time, captured and original length; the packet follows at `from`. */
  #give(
    source: Interface | undefined,
    at: number,
    from: number,
    stop: number,
    sink: PacketSink,
  ): number {
    const { bytes, view } = this.#queue
    const littleEndian = this.#littleEndian
    const captured = view.getUint32(at + 8, littleEndian)
    if (!source || captured > stop - from) return this.#damaged()
    const { packet } = this.#reading
    packet.timeUs = source.clock(
      view.getUint32(at, littleEndian),
      view.getUint32(at + 4, littleEndian),
    )
    packet.bytes = bytes
    packet.start = from
    packet.end = from + captured
    packet.lengthBytes = Math.max(captured, view.getUint32(at + 12, littleEndian))
    const options = from + ((captured + 3) & ~3)
    packet.direction = options < stop ? this.#directionIn(options, stop) : unknownDirection
    return give(this.#reading, source.linkLayer, sink)
  }

  /** Original length 4, packet. It has no time of its own: that of the packet before it is the best there is. */
  #readSimple(start: number, stop: number, sink: PacketSink): number {
    const source = this.#interfaces[0]
    if (!source || stop - start < 4) return this.#damaged()
    const { bytes, view } = this.#queue
    const { packet } = this.#reading
    const length = view.getUint32(start, this.#littleEndian)
    packet.bytes = bytes
    packet.start = start + 4
    packet.end = packet.start + Math.min(length, source.snapBytes, stop - packet.start)
    packet.lengthBytes = length
    packet.direction = unknownDirection
    return give(this.#reading, source.linkLayer, sink)
  }

  /** Interface 4, time 8, options. The counters in it run since the capture began. */
  #readStatistics(start: number, stop: number): void {
    if (stop - start < 12) return
    const { view } = this.#queue
    const source = this.#interfaces[view.getUint32(start, this.#littleEndian)]
    if (!source) return
    const drops =
      this.#counter(start + 12, stop, optionInterfaceDrops) +
      this.#counter(start + 12, stop, optionSystemDrops)
    this.#reading.drops += drops - source.drops
    source.drops = drops
  }

  #counter(start: number, stop: number, code: number): number {
    const at = this.#option(start, stop, code, 8)
    return at < 0 ? 0 : Number(this.#queue.view.getBigUint64(at, this.#littleEndian))
  }

  /** Bits 0 and 1 of the flags: 1 inbound, 2 outbound. */
  #directionIn(start: number, stop: number): 0 | 1 | 2 {
    const at = this.#option(start, stop, optionPacketFlags, 4)
    if (at < 0) return unknownDirection
    const bits = this.#queue.view.getUint32(at, this.#littleEndian) & 3
    if (bits === 1) return incoming
    return bits === 2 ? outgoing : unknownDirection
  }

  /** Where the value of an option of exactly `length` bytes lies; -1 when there is none. */
  #option(start: number, stop: number, code: number, length: number): number {
    const { view } = this.#queue
    let at = start
    while (at + 4 <= stop) {
      const foundCode = view.getUint16(at, this.#littleEndian)
      const foundLength = view.getUint16(at + 2, this.#littleEndian)
      if (foundCode === 0) return -1
      if (foundCode === code && foundLength === length && at + 4 + length <= stop) return at + 4
      at += 4 + ((foundLength + 3) & ~3)
    }
    return -1
  }

  #damaged(): 0 {
    end(this.#reading, 'damaged')
    return 0
  }
}
