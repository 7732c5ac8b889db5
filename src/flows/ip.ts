import type { Packet } from '#model/packet.ts'

/** Protocol numbers (IANA) that the next header field of IPv4 and IPv6 shares. */
export const ipProtocol = { icmp: 1, tcp: 6, udp: 17, esp: 50, icmp6: 58 } as const
const hopByHop = 0
const routing = 43
const fragment = 44
const authentication = 51
const destinationOptions = 60

/** More extension headers than anyone sends; a longer chain is malformed. */
const extensionsMax = 8

/**
 * What parsing came to. `laterFragment`: a fragment but the first; it has no transport header and stays unread.
 * `foreign`: neither IPv4 nor IPv6.
 */
export type IpVerdict = 'parsed' | 'laterFragment' | 'malformed' | 'foreign'

/**
 * One IP header, read into fields that are used over and over. Addresses are four big-endian words; of
 * IPv4 only the last is set.
 *
 *     bytes ...|IP header, extensions|transport header, payload ....|padding
 *                                    ^start                ^end
 *                                    |<------ lengthBytes ------>|     on the wire; `end` is what was captured of it
 */
export class IpHeader {
  /** Over all the bytes of the packet, at the same indexes: one load where four bytes would be four. */
  view: DataView = new DataView(new ArrayBuffer(0))
  isIpv6 = false
  source0 = 0
  source1 = 0
  source2 = 0
  source3 = 0
  target0 = 0
  target1 = 0
  target2 = 0
  target3 = 0
  protocol = 0
  start = 0
  end = 0
  lengthBytes = 0
  #bytes: Uint8Array = new Uint8Array(0)

  /** Reads the header at the start of the packet; fields hold only after `parsed`. */
  parse(packet: Packet): IpVerdict {
    if (packet.end <= packet.start) return 'malformed'
    if (packet.bytes !== this.#bytes) this.#look(packet.bytes)
    const version = packet.bytes[packet.start] >> 4
    if (version === 4) return this.#parseIpv4(packet)
    if (version === 6) return this.#parseIpv6(packet)
    return 'foreign'
  }

  /** Sources give many packets in the same bytes. */
  #look(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** RFC 791 section 3.1. */
  #parseIpv4(packet: Packet): IpVerdict {
    const { start } = packet
    const { view } = this
    const headerBytes = (view.getUint8(start) & 15) << 2
    if (headerBytes < 20 || start + headerBytes > packet.end) return 'malformed'
    // 0: larger than 64 KiB (BIG TCP, or offloaded segmentation): the capture's length is the only one.
    const totalBytes = view.getUint16(start + 2) || packet.lengthBytes
    if (totalBytes < headerBytes) return 'malformed'
    if ((view.getUint16(start + 6) & 0x1fff) !== 0) return 'laterFragment'
    this.isIpv6 = false
    this.source3 = view.getInt32(start + 12)
    this.target3 = view.getInt32(start + 16)
    this.protocol = view.getUint8(start + 9)
    this.#setPayload(packet, headerBytes, totalBytes)
    return this.protocol === authentication ? this.#skipExtensions() : 'parsed'
  }

  /** RFC 8200 section 3. */
  #parseIpv6(packet: Packet): IpVerdict {
    const { start } = packet
    const { view } = this
    if (start + 40 > packet.end) return 'malformed'
    this.isIpv6 = true
    this.source0 = view.getInt32(start + 8)
    this.source1 = view.getInt32(start + 12)
    this.source2 = view.getInt32(start + 16)
    this.source3 = view.getInt32(start + 20)
    this.target0 = view.getInt32(start + 24)
    this.target1 = view.getInt32(start + 28)
    this.target2 = view.getInt32(start + 32)
    this.target3 = view.getInt32(start + 36)
    this.protocol = view.getUint8(start + 6)
    // 0: a jumbogram (RFC 2675), as BIG TCP makes them.
    const payloadBytes = view.getUint16(start + 4)
    this.#setPayload(packet, 40, payloadBytes === 0 ? packet.lengthBytes : 40 + payloadBytes)
    return isExtension(this.protocol) ? this.#skipExtensions() : 'parsed'
  }

  /** What lies behind the total length is padding of the link and is left out. */
  #setPayload(packet: Packet, headerBytes: number, totalBytes: number): void {
    this.start = packet.start + headerBytes
    this.lengthBytes = totalBytes - headerBytes
    this.end = Math.min(packet.end, packet.start + totalBytes)
  }

  /** RFC 8200 section 4; RFC 4302 for the authentication header, which counts in other units. */
  #skipExtensions(): IpVerdict {
    const { view } = this
    for (let i = 0; i < extensionsMax; i++) {
      if (!isExtension(this.protocol)) return 'parsed'
      const { start, protocol } = this
      if (start + 8 > this.end) return 'malformed'
      if (protocol === fragment && (view.getUint16(start + 2) & 0xfff8) !== 0)
        return 'laterFragment'
      const lengthBytes = extensionBytes(protocol, view.getUint8(start + 1))
      this.protocol = view.getUint8(start)
      this.start = start + lengthBytes
      this.lengthBytes -= lengthBytes
      if (this.start > this.end || this.lengthBytes < 0) return 'malformed'
    }
    return 'malformed'
  }
}

function isExtension(protocol: number): boolean {
  return (
    protocol === hopByHop ||
    protocol === routing ||
    protocol === fragment ||
    protocol === authentication ||
    protocol === destinationOptions
  )
}

function extensionBytes(protocol: number, length: number): number {
  if (protocol === fragment) return 8
  if (protocol === authentication) return (length + 2) << 2
  return (length + 1) << 3
}
