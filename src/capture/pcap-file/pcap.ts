import { type PacketSink, unknownDirection } from '#model/packet.ts'
import { directionOf, type LinkLayer, linkLayerOf } from '../link-layer.ts'
import type { ByteQueue } from './byte-queue.ts'
import { end, type FormatReader, give, packetBytesMax, type Reading } from './reading.ts'

/** What the magic number says about a pcap file. */
export interface PcapForm {
  readonly littleEndian: boolean
  /** The second half of a time stamp counts nanoseconds, not microseconds. */
  readonly nanoseconds: boolean
  /** Kuznetzov's format: each record's header has 8 more bytes, the packet type among them. */
  readonly modified: boolean
}

export const headerBytes = 24

/** The form of the pcap file that begins so; undefined when it is none. `magic` is read big-endian. */
export function pcapForm(magic: number): PcapForm | undefined {
  const forms: Record<number, PcapForm> = {
    2712847316: { littleEndian: false, nanoseconds: false, modified: false },
    3569595041: { littleEndian: true, nanoseconds: false, modified: false },
    2712812621: { littleEndian: false, nanoseconds: true, modified: false },
    1295823521: { littleEndian: true, nanoseconds: true, modified: false },
    2712849716: { littleEndian: false, nanoseconds: false, modified: true },
    885895841: { littleEndian: true, nanoseconds: false, modified: true },
  }
  return forms[magic]
}

/**
 * Reads the pcap format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records.
 *
 *     header  magic 4 | version 2+2 | reserved 8 | snapshot length 4 | link type 4 (its low half)
 *     record  seconds 4 | fraction 4 | captured length 4 | original length 4 | packet
 */
export class PcapReader implements FormatReader {
  readonly #queue: ByteQueue
  readonly #reading: Reading
  readonly #littleEndian: boolean
  readonly #unitsPerUs: number
  readonly #recordBytes: number
  readonly #linkLayer: LinkLayer

  /** The queue holds the file's header, whole. */
  constructor(queue: ByteQueue, reading: Reading, form: PcapForm) {
    this.#queue = queue
    this.#reading = reading
    this.#littleEndian = form.littleEndian
    this.#unitsPerUs = form.nanoseconds ? 1000 : 1
    this.#recordBytes = form.modified ? 24 : 16
    // The high bits of the field tell the length of the frame check sequence.
    const linkType = queue.view.getUint32(queue.start + 20, form.littleEndian) & 0xffff
    this.#linkLayer = linkLayerOf(linkType)
    queue.skip(headerBytes)
  }

  drain(sink: PacketSink, packetsMax: number): number {
    let given = 0
    while (given < packetsMax && this.#next()) given += give(this.#reading, this.#linkLayer, sink)
    return given
  }

  #next(): boolean {
    const queue = this.#queue
    const recordBytes = this.#recordBytes
    if (!queue.need(recordBytes))
      return end(this.#reading, queue.start < queue.end ? 'cut' : undefined)
    const littleEndian = this.#littleEndian
    const captured = queue.view.getUint32(queue.start + 8, littleEndian)
    if (captured > packetBytesMax) return end(this.#reading, 'damaged')
    if (!queue.need(recordBytes + captured)) return end(this.#reading, 'cut')
    const { start, view } = queue
    const { packet } = this.#reading
    const fraction = view.getUint32(start + 4, littleEndian)
    packet.timeUs =
      view.getUint32(start, littleEndian) * 1e6 + Math.floor(fraction / this.#unitsPerUs)
    packet.bytes = queue.bytes
    packet.start = start + recordBytes
    packet.end = packet.start + captured
    packet.lengthBytes = Math.max(captured, view.getUint32(start + 12, littleEndian))
    packet.direction = recordBytes === 24 ? directionOf(queue.bytes[start + 22]) : unknownDirection
    queue.start = packet.end
    return true
  }
}
