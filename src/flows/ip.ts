import { int32, uint16 } from '#lib/bytes.ts'
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
 * One IP header, read into fields that are used over and over. Addresses are four big-endian words, IPv4 as
 * IPv4-mapped, so that both versions are one kind of key.
 *
 *     bytes ...|IP header, extensions|transport header, payload ....|padding
 *                                    ^start                ^end
 *                                    |<------ lengthBytes ------>|     on the wire; `end` is what was captured of it
 */
export class IpHeader {
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

  /** Reads the header at the start of the packet; fields hold only after `parsed`. */
  parse(packet: Packet): IpVerdict {
    if (packet.end <= packet.start) return 'malformed'
    const version = packet.bytes[packet.start] >> 4
    if (version === 4) return this.#parseIpv4(packet)
    if (version === 6) return this.#parseIpv6(packet)
    return 'foreign'
  }

  /** RFC 791 section 3.1. */
  #parseIpv4(packet: Packet): IpVerdict {
    const { bytes, start } = packet
    const headerBytes = (bytes[start] & 15) << 2
    if (headerBytes < 20 || start + headerBytes > packet.end) return 'malformed'
    // 0: larger than 64 KiB (BIG TCP, or offloaded segmentation): the capture's length is the only one.
    const totalBytes = uint16(bytes, start + 2) || packet.lengthBytes
    if (totalBytes < headerBytes) return 'malformed'
    if ((uint16(bytes, start + 6) & 0x1fff) !== 0) return 'laterFragment'
    this.source0 = this.source1 = this.target0 = this.target1 = 0
    this.source2 = this.target2 = 0xffff
    this.source3 = int32(bytes, start + 12)
    this.target3 = int32(bytes, start + 16)
    this.protocol = bytes[start + 9]
    this.#setPayload(packet, headerBytes, totalBytes)
    return this.protocol === authentication ? this.#skipExtensions(packet) : 'parsed'
  }

  /** RFC 8200 section 3. */
  #parseIpv6(packet: Packet): IpVerdict {
    const { bytes, start } = packet
    if (start + 40 > packet.end) return 'malformed'
    this.source0 = int32(bytes, start + 8)
    this.source1 = int32(bytes, start + 12)
    this.source2 = int32(bytes, start + 16)
    this.source3 = int32(bytes, start + 20)
    this.target0 = int32(bytes, start + 24)
    this.target1 = int32(bytes, start + 28)
    this.target2 = int32(bytes, start + 32)
    this.target3 = int32(bytes, start + 36)
    this.protocol = bytes[start + 6]
    // 0: a jumbogram (RFC 2675), as BIG TCP makes them.
    const payloadBytes = uint16(bytes, start + 4)
    this.#setPayload(packet, 40, payloadBytes === 0 ? packet.lengthBytes : 40 + payloadBytes)
    return isExtension(this.protocol) ? this.#skipExtensions(packet) : 'parsed'
  }

  /** What lies behind the total length is padding of the link and is left out. */
  #setPayload(packet: Packet, headerBytes: number, totalBytes: number): void {
    this.start = packet.start + headerBytes
    this.lengthBytes = totalBytes - headerBytes
    this.end = Math.min(packet.end, packet.start + totalBytes)
  }

  /** RFC 8200 section 4; RFC 4302 for the authentication header, which counts in other units. */
  #skipExtensions({ bytes }: Packet): IpVerdict {
    for (let i = 0; i < extensionsMax; i++) {
      if (!isExtension(this.protocol)) return 'parsed'
      const { start, protocol } = this
      if (start + 8 > this.end) return 'malformed'
      if (protocol === fragment && (uint16(bytes, start + 2) & 0xfff8) !== 0) return 'laterFragment'
      const lengthBytes = extensionBytes(protocol, bytes[start + 1])
      this.protocol = bytes[start]
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
