import { type Direction, incoming, outgoing, type Packet } from '#model/packet.ts'
import { enter, enterByVersion, enterEthernet, enterPpp } from './ethertype.ts'
import { ieee80211, radiotap } from './wlan.ts'

/**
 * Moves `packet.start` from the link-layer header to the IP header, and takes the header off `lengthBytes`.
 * Cooked headers also set `direction`. False: the packet is foreign (no IP), and its fields mean nothing.
 */
export type LinkLayer = (packet: Packet) => boolean

const outgoingPacketType = 4

/** The link layer of a LINKTYPE_ number (https://www.tcpdump.org/linktypes.html); all else is foreign. */
export function linkLayerOf(linkType: number): LinkLayer {
  return linkLayers.get(linkType) ?? foreign
}

/** Any link type that carries no IP we could find. */
export const foreign: LinkLayer = () => false

/** LINKTYPE_ETHERNET, with any stack of VLAN tags (802.1Q, 802.1ad, 0x9100). */
export const ethernet: LinkLayer = packet => enterEthernet(packet, packet.start)

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

/**
 * LINKTYPE_NFLOG: address family, version, resource, then fields: length and type, in the byte order of the machine that
 * captured (the values here tell which), value, padding to four. Field 9 is the packet.
 */
export const nflog: LinkLayer = packet => {
  const { bytes, end } = packet
  for (let at = packet.start + 4; at + 4 <= end; ) {
    // A length takes its low byte only here or there: the packet itself is the one long field.
    const isLittle = bytes[at + 3] === 0
    const length = isLittle ? bytes[at] | (bytes[at + 1] << 8) : (bytes[at] << 8) | bytes[at + 1]
    const type = isLittle ? bytes[at + 2] : bytes[at + 3]
    if (length < 4) return false
    if (type === nflogPayload) return enterByVersion(packet, at + 4)
    at += (length + 3) & ~3
  }
  return false
}
const nflogPayload = 9

const linkLayers: ReadonlyMap<number, LinkLayer> = new Map([
  [0, loopback],
  [1, ethernet],
  [9, ppp],
  [12, raw],
  [14, raw],
  [50, ppp],
  [101, raw],
  [104, ciscoHdlc],
  [105, ieee80211],
  [108, loopback],
  [113, linuxCooked],
  [127, radiotap],
  [228, raw],
  [229, raw],
  [239, nflog],
  [276, linuxCooked2],
])

/** The direction of a `sll_pkttype`. */
export function directionOf(packetType: number): Direction {
  return packetType === outgoingPacketType ? outgoing : incoming
}
