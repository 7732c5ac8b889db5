import { parseAddress } from '#lib/ip-address.ts'
import type { Endpoint } from '#model/endpoint.ts'
import { emptyPacket, type Packet } from '#model/packet.ts'

/** A TCP segment to be written. */
export interface WrittenSegment {
  readonly seq: number
  readonly ack: number
  readonly control: number
  readonly window: number
  readonly payload: Uint8Array
  /** Options, a multiple of 4 bytes. */
  readonly options?: Uint8Array
}

const noBytes = new Uint8Array(0)

/** The inverse of reading, for tests and benches: a packet of a TCP segment. Checksums are left 0. */
export function writeSegment(
  source: Endpoint,
  target: Endpoint,
  segment: WrittenSegment,
): Uint8Array {
  const options = segment.options ?? noBytes
  const headerBytes = 20 + options.length
  const bytes = new Uint8Array(headerBytes + segment.payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, source.port)
  view.setUint16(2, target.port)
  view.setUint32(4, segment.seq)
  view.setUint32(8, segment.ack)
  view.setUint8(12, (headerBytes >> 2) << 4)
  view.setUint8(13, segment.control)
  view.setUint16(14, segment.window)
  bytes.set(options, 20)
  bytes.set(segment.payload, headerBytes)
  return writeIp(source.ip, target.ip, 6, bytes)
}

/** A packet of a UDP datagram. */
export function writeDatagram(source: Endpoint, target: Endpoint, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, source.port)
  view.setUint16(2, target.port)
  view.setUint16(4, bytes.length)
  bytes.set(payload, 8)
  return writeIp(source.ip, target.ip, 17, bytes)
}

/** An IPv4 or IPv6 packet, as the addresses are, around a transport's bytes. */
export function writeIp(
  source: string,
  target: string,
  protocol: number,
  payload: Uint8Array,
): Uint8Array {
  const from = parseAddress(source)!
  const to = parseAddress(target)!
  const isIpv6 = source.includes(':')
  const headerBytes = isIpv6 ? 40 : 20
  const bytes = new Uint8Array(headerBytes + payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, isIpv6 ? 0x60 : 0x45)
  view.setUint16(isIpv6 ? 4 : 2, isIpv6 ? payload.length : bytes.length)
  view.setUint8(isIpv6 ? 6 : 9, protocol)
  const words = isIpv6 ? [...from, ...to] : [from[3], to[3]]
  for (const [i, word] of words.entries()) view.setInt32((isIpv6 ? 8 : 12) + i * 4, word)
  bytes.set(payload, headerBytes)
  return bytes
}

/** A packet of its own around bytes that begin with an IP header; `cutBytes` of its end were not captured. */
export function packetOf(bytes: Uint8Array, timeUs: number, cutBytes = 0): Packet {
  const end = bytes.length - cutBytes
  return { ...emptyPacket(), bytes, start: 0, end, lengthBytes: bytes.length, timeUs }
}
