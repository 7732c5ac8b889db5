import { int32, uint16 } from '#lib/bytes.ts'
import type { Packet } from '#model/packet.ts'
import type { Stretch } from './early-segments.ts'
import type { IpHeader } from './ip.ts'

/** Control bits of a TCP header (RFC 9293 section 3.1). */
export const controlBit = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

const noBytes = new Uint8Array(0)

/** One TCP segment, read into fields that are used over and over. `seq` is that of its first byte of payload. */
export class Segment implements Stretch {
  sourcePort = 0
  targetPort = 0
  seq = 0
  ack = 0
  control = 0
  window = 0
  bytes: Uint8Array = noBytes
  start = 0
  end = 0
  lengthBytes = 0
  timeUs = 0

  /** Reads the TCP header behind an IP header. False when it contradicts itself or was cut. */
  parse(packet: Packet, ip: IpHeader): boolean {
    const { bytes } = packet
    const { start } = ip
    if (start + 20 > ip.end) return false
    const headerBytes = (bytes[start + 12] >> 4) << 2
    if (headerBytes < 20 || headerBytes > ip.lengthBytes) return false
    this.sourcePort = uint16(bytes, start)
    this.targetPort = uint16(bytes, start + 2)
    this.ack = int32(bytes, start + 8)
    this.control = bytes[start + 13]
    this.window = uint16(bytes, start + 14)
    // A SYN takes a sequence number of its own, before the first byte.
    this.seq = (int32(bytes, start + 4) + ((this.control & controlBit.syn) >> 1)) | 0
    this.bytes = bytes
    this.start = Math.min(start + headerBytes, ip.end)
    this.end = ip.end
    this.lengthBytes = ip.lengthBytes - headerBytes
    this.timeUs = packet.timeUs
    return true
  }

  /** With a RST it is neither; no one sends both. */
  get isSyn(): boolean {
    return (this.control & (controlBit.syn | controlBit.rst)) === controlBit.syn
  }

  get isFin(): boolean {
    return (this.control & controlBit.fin) !== 0
  }

  get isRst(): boolean {
    return (this.control & controlBit.rst) !== 0
  }

  get isAck(): boolean {
    return (this.control & controlBit.ack) !== 0
  }
}
