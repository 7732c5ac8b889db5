import type { Packet } from '#model/packet.ts'

/** Numbers of what an Ethernet frame carries (IEEE 802 Numbers, IANA). */
const ipv4 = 0x0800
const ipv6 = 0x86dd
const pppoeSession = 0x8864
const mpls = 0x8847
const mplsMulticast = 0x8848
const providerBackbone = 0x88e7
const vnTag = 0x8926
const bridgePortTag = 0x893f
const serviceHeader = 0x894f
/** Below it the field is the length of an IEEE 802.3 frame. */
const ethertypeMin = 0x0600

/** Enters the IP header within an Ethernet frame that begins at `at`. */
export function enterEthernet(packet: Packet, at: number): boolean {
  const { bytes } = packet
  return enter(packet, (bytes[at + 12] << 8) | bytes[at + 13], at + 14)
}

/** `at` lies behind an ethertype: IP, or one more wrapping to look through. Each turn moves `at` on, so it ends. */
export function enter(packet: Packet, type: number, at: number): boolean {
  const { bytes, end } = packet
  let ethertype = type
  let header = at
  while (header < end) {
    if (ethertype === ipv4 || ethertype === ipv6) return enterAt(packet, header)
    if (ethertype === mpls || ethertype === mplsMulticast) return enterMpls(packet, header)
    if (ethertype === pppoeSession) return enterPpp(packet, header + 6)
    if (ethertype === providerBackbone) {
      // IEEE 802.1ah: a service tag, then a whole frame
      ethertype = (bytes[header + 16] << 8) | bytes[header + 17]
      header += 18
    } else if (ethertype === serviceHeader) return enterServiceHeader(packet, header)
    else if (ethertype === vnTag) {
      // four bytes, then the next type
      ethertype = (bytes[header + 4] << 8) | bytes[header + 5]
      header += 6
    } else if (ethertype === bridgePortTag) {
      // IEEE 802.1BR: six bytes, then the next type
      ethertype = (bytes[header + 6] << 8) | bytes[header + 7]
      header += 8
    } else if (isTag(ethertype)) {
      ethertype = (bytes[header + 2] << 8) | bytes[header + 3]
      header += 4
    } else if (ethertype < ethertypeMin && isSnap(bytes, header)) {
      ethertype = (bytes[header + 6] << 8) | bytes[header + 7]
      header += 8
    } else return false
  }
  return false
}

function isTag(ethertype: number): boolean {
  return ethertype === 0x8100 || ethertype === 0x88a8 || ethertype === 0x9100
}

/** IEEE 802.2 LLC with a SNAP header: AA AA 03, then an organisation and an ethertype (RFC 1042). */
function isSnap(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xaa && bytes[at + 1] === 0xaa && bytes[at + 2] === 0x03
}

export function enterPpp(packet: Packet, at: number): boolean {
  const { bytes } = packet
  // The first byte of a protocol number is even; when it is odd, the zero before it was left out (RFC 1661, 2).
  const short = (bytes[at] & 1) === 1
  const protocol = short ? bytes[at] : (bytes[at] << 8) | bytes[at + 1]
  if (protocol !== 0x21 && protocol !== 0x57) return false
  return enterAt(packet, short ? at + 1 : at + 2)
}

/** Network service header (RFC 8300, 2.2): its length in words is in byte 1, what follows in byte 3. */
function enterServiceHeader(packet: Packet, at: number): boolean {
  const { bytes } = packet
  const inner = at + ((bytes[at + 1] & 0x3f) << 2)
  if (inner === at) return false
  const next = bytes[at + 3]
  if (next === 3) return enterEthernet(packet, inner)
  return (next === 1 || next === 2) && enterByVersion(packet, inner)
}

/**
 * Label, class and the bottom-of-stack bit in bytes 0 to 2, time to live in byte 3 (RFC 3032). What follows is told by its
 * first bits: 4 or 6 is IP; 0 the control word before an Ethernet frame (RFC 4385).
 */
export function enterMpls(packet: Packet, at: number): boolean {
  const { bytes, end } = packet
  let label = at
  while (label < end && (bytes[label + 2] & 1) === 0) label += 4
  const inner = label + 4
  return bytes[inner] >> 4 === 0 && inner + 4 < end
    ? enterEthernet(packet, inner + 4)
    : enterByVersion(packet, inner)
}

export function enterByVersion(packet: Packet, at: number): boolean {
  const version = packet.bytes[at] >> 4
  return (version === 4 || version === 6) && enterAt(packet, at)
}

export function enterAt(packet: Packet, at: number): boolean {
  if (at >= packet.end) return false
  packet.lengthBytes -= at - packet.start
  packet.start = at
  return true
}
