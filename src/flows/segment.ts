import type { Packet } from '#model/packet.ts'
import type { Stretch } from './early-segments.ts'
import type { IpHeader } from './ip.ts'

/** Control bits of a TCP header (RFC 9293 section 3.1). */
export const controlBit = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

const noBytes = new Uint8Array(0)

/** One TCP segment, read into fields that are used over and over. `seq` is that of its first byte of payload. */
export class Segment implements Stretch {
  /** Source port << 16 | target port. */
  ports = 0
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
    const { start, view } = ip
    if (start + 20 > ip.end) return false
    const control = view.getInt32(start + 12)
    const headerBytes = (control >>> 28) << 2
    if (headerBytes < 20 || headerBytes > ip.lengthBytes) return false
    this.ports = view.getInt32(start)
    this.ack = view.getInt32(start + 8)
    this.control = (control >> 16) & 255
    this.window = control & 0xffff
    // A SYN takes a sequence number of its own, before the first byte.
    this.seq = (view.getInt32(start + 4) + ((control >> 17) & 1)) | 0
    this.bytes = packet.bytes
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
