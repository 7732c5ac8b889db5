import { type Direction, incoming, outgoing, type Packet } from '#model/packet.ts'

/**
 * Moves `packet.start` from the link-layer header to the IP header, and takes the header off `lengthBytes`.
 * Cooked headers also set `direction`. False: the packet is foreign (no IP), and its fields mean nothing.
 */
export type LinkLayer = (packet: Packet) => boolean

const ipv4 = 0x0800
const ipv6 = 0x86dd
const pppoeSession = 0x8864
const mpls = 0x8847
/** Below it the field is the length of an IEEE 802.3 frame. */
const ethertypeMin = 0x0600
const outgoingPacketType = 4

/** The link layer of a LINKTYPE_ number (https://www.tcpdump.org/linktypes.html); all else is foreign. */
export function linkLayerOf(linkType: number): LinkLayer {
  return linkLayers.get(linkType) ?? foreign
}

/** Any link type that carries no IP we could find. */
export const foreign: LinkLayer = () => false

/** LINKTYPE_ETHERNET, with any stack of VLAN tags (802.1Q, 802.1ad, 0x9100). */
export const ethernet: LinkLayer = packet => {
  const { bytes, start } = packet
  return enter(packet, (bytes[start + 12] << 8) | bytes[start + 13], start + 14)
}

/** LINKTYPE_RAW and its relatives: the IP header comes first. */
export const raw: LinkLayer = packet => enterByVersion(packet, packet.start)

/** LINKTYPE_LINUX_SLL: packet type, hardware type, address length, address (8), protocol. */
export const linuxCooked: LinkLayer = packet => {
  const { bytes, start } = packet
  packet.direction = directionOf((bytes[start] << 8) | bytes[start + 1])
  return enter(packet, (bytes[start + 14] << 8) | bytes[start + 15], start + 16)
}

/** LINKTYPE_LINUX_SLL2: protocol, reserved, interface, hardware type, packet type, address length, address (8). */
export const linuxCooked2: LinkLayer = packet => {
  const { bytes, start } = packet
  packet.direction = directionOf(bytes[start + 10])
  return enter(packet, (bytes[start] << 8) | bytes[start + 1], start + 20)
}

/**
 * LINKTYPE_NULL (the address family in the byte order of the machine that captured) and LINKTYPE_LOOP (in network order).
 * The family of IPv6 differs from system to system, so the IP version decides.
 */
export const loopback: LinkLayer = packet => {
  const { bytes, start } = packet
  if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0) return false
  return enterByVersion(packet, start + 4)
}

/** LINKTYPE_PPP, with or without HDLC's address and control (RFC 1662). */
export const ppp: LinkLayer = packet => {
  const { bytes, start } = packet
  const framed = bytes[start] === 0xff && bytes[start + 1] === 0x03
  return enterPpp(packet, framed ? start + 2 : start)
}

/** LINKTYPE_C_HDLC: address, control, ethertype. */
export const ciscoHdlc: LinkLayer = packet => {
  const { bytes, start } = packet
  return enter(packet, (bytes[start + 2] << 8) | bytes[start + 3], start + 4)
}

const linkLayers: ReadonlyMap<number, LinkLayer> = new Map([
  [0, loopback],
  [1, ethernet],
  [9, ppp],
  [12, raw],
  [14, raw],
  [50, ppp],
  [101, raw],
  [104, ciscoHdlc],
  [108, loopback],
  [113, linuxCooked],
  [228, raw],
  [229, raw],
  [276, linuxCooked2],
])

/** The direction of a `sll_pkttype`. */
export function directionOf(packetType: number): Direction {
  return packetType === outgoingPacketType ? outgoing : incoming
}

/** `at` lies behind an ethertype: IP, or one more wrapping to look through. Each turn moves `at` on, so it ends. */
function enter(packet: Packet, type: number, at: number): boolean {
  const { bytes, end } = packet
  let ethertype = type
  let header = at
  while (header < end) {
    if (ethertype === ipv4 || ethertype === ipv6) return enterAt(packet, header)
    if (ethertype === mpls) return enterMpls(packet, header)
    if (ethertype === pppoeSession) return enterPpp(packet, header + 6)
    if (isTag(ethertype)) {
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

function enterPpp(packet: Packet, at: number): boolean {
  const { bytes } = packet
  // The first byte of a protocol number is even; when it is odd, the zero before it was left out (RFC 1661, 2).
  const short = (bytes[at] & 1) === 1
  const protocol = short ? bytes[at] : (bytes[at] << 8) | bytes[at + 1]
  if (protocol !== 0x21 && protocol !== 0x57) return false
  return enterAt(packet, short ? at + 1 : at + 2)
}

/** Label, class and the bottom-of-stack bit in bytes 0 to 2, time to live in byte 3 (RFC 3032). */
function enterMpls(packet: Packet, at: number): boolean {
  const { bytes, end } = packet
  let label = at
  while (label < end && (bytes[label + 2] & 1) === 0) label += 4
  return enterByVersion(packet, label + 4)
}

function enterByVersion(packet: Packet, at: number): boolean {
  const version = packet.bytes[at] >> 4
  return (version === 4 || version === 6) && enterAt(packet, at)
}

function enterAt(packet: Packet, at: number): boolean {
  if (at >= packet.end) return false
  packet.lengthBytes -= at - packet.start
  packet.start = at
  return true
}
