import { uint16 } from '#lib/bytes.ts'
import type { Packet } from '#model/packet.ts'
import { enter, enterAt, enterByVersion, enterEthernet, enterMpls, enterPpp } from './ethertype.ts'

/** Protocol numbers (IANA) of IP within IP, and of what else carries it. */
const ipv4InIp = 4
const udp = 17
const ipv6InIp = 41
const gre = 47
const mplsInIp = 137
/** Tunnels within tunnels that are looked through. */
const depthMax = 8

/** Ends of UDP tunnels, by port; Linux took 8472 for VXLAN before there was a number. */
const udpTunnels: ReadonlyMap<number, (packet: Packet, at: number) => boolean> = new Map([
  [2152, enterGtp],
  [4789, enterVxlan],
  [4790, enterVxlanGpe],
  [6081, enterGeneve],
  [6635, enterMpls],
  [8472, enterVxlan],
])

/**
 * Moves `packet.start` from the IP header of a tunnel to that of the packet in it, through as many as there are. What is
 * no tunnel, is cut, or carries no IP stays as it is. For captures that were taken where tunnels pass; an agent sees what
 * is in them where it comes out.
 */
export function openTunnels(packet: Packet): void {
  for (let depth = 0; depth < depthMax && enterTunnel(packet); depth++);
}

/** False: it is no tunnel, or what is in it is no IP after all. */
function enterTunnel(packet: Packet): boolean {
  const { start, lengthBytes } = packet
  if (!enterOuter(packet)) return false
  const version = packet.bytes[packet.start] >> 4
  if (version === 4 || version === 6) return true
  packet.start = start
  packet.lengthBytes = lengthBytes
  return false
}

function enterOuter(packet: Packet): boolean {
  const { bytes, start } = packet
  const version = bytes[start] >> 4
  if (version === 4) {
    const isWhole = (uint16(bytes, start + 6) & 0x3fff) === 0
    return isWhole && enterPayload(packet, bytes[start + 9], start + ((bytes[start] & 15) << 2))
  }
  return version === 6 && enterPayload(packet, bytes[start + 6], start + 40)
}

function enterPayload(packet: Packet, protocol: number, at: number): boolean {
  if (at >= packet.end) return false
  if (protocol === udp) return enterUdp(packet, at)
  if (protocol === ipv4InIp || protocol === ipv6InIp) return enterByVersion(packet, at)
  if (protocol === gre) return enterGre(packet, at)
  return protocol === mplsInIp && enterMpls(packet, at)
}

function enterUdp(packet: Packet, at: number): boolean {
  if (at + 8 > packet.end) return false
  const { bytes } = packet
  const open = udpTunnels.get(uint16(bytes, at + 2))
  return open?.(packet, at + 8) ?? false
}

/** VXLAN (RFC 7348, 5): a frame, when the network is said. What is reserved is ignored. */
function enterVxlan(packet: Packet, at: number): boolean {
  const hasNetwork = (packet.bytes[at] & 0x08) !== 0
  return hasNetwork && at + 8 <= packet.end && enterEthernet(packet, at + 8)
}

/** Its generic extension (draft-ietf-nvo3-vxlan-gpe, 3), which says what follows. */
function enterVxlanGpe(packet: Packet, at: number): boolean {
  const saysNext = (packet.bytes[at] & 0x04) !== 0
  const next = packet.bytes[at + 3]
  if (!saysNext || next === 3) return enterVxlan(packet, at)
  return (next === 1 || next === 2) && enterByVersion(packet, at + 8)
}

/** Geneve (RFC 8926, 3.4): version, length of the options in words, protocol as an ethertype. */
function enterGeneve(packet: Packet, at: number): boolean {
  const { bytes } = packet
  if (at + 8 > packet.end || bytes[at] >> 6 !== 0) return false
  return enterProtocol(packet, uint16(bytes, at + 2), at + 8 + ((bytes[at] & 0x3f) << 2))
}

/** GTP-U (3GPP TS 29.281, 5.1): version 1, message 255 is a user's packet; extension headers are a chain. */
function enterGtp(packet: Packet, at: number): boolean {
  const { bytes, end } = packet
  if (at + 8 > end || bytes[at] >> 4 !== 3 || bytes[at + 1] !== 255) return false
  if ((bytes[at] & 7) === 0) return enterByVersion(packet, at + 8)
  let inner = at + 12
  for (let next = bytes[at + 11]; next !== 0 && inner < end; ) {
    const length = bytes[inner] << 2
    if (length === 0) return false
    next = bytes[inner + length - 1]
    inner += length
  }
  return enterByVersion(packet, inner)
}

const checksumBit = 0x8000
const routingBit = 0x4000
const keyBit = 0x2000
const sequenceBit = 0x1000
const acknowledgmentBit = 0x0080

/** GRE (RFC 2784, RFC 2890) and PPTP's (RFC 2637, 4.1), in which the protocol is PPP. */
function enterGre(packet: Packet, at: number): boolean {
  const { bytes } = packet
  const flags = uint16(bytes, at)
  const version = flags & 7
  if (version > 1 || (flags & routingBit) !== 0) return false
  const isPptp = version === 1
  let inner = at + 4
  if ((flags & checksumBit) !== 0) inner += 4
  if ((flags & keyBit) !== 0) inner += 4
  if ((flags & sequenceBit) !== 0) inner += 4
  if (isPptp && (flags & acknowledgmentBit) !== 0) inner += 4
  const protocol = uint16(bytes, at + 2)
  if (isPptp) return protocol === 0x880b && enterPptp(packet, inner)
  if (protocol === 0x88be) {
    // ERSPAN I has no header of its own and no sequence number, II has both (draft-foschiano-erspan)
    return enterEthernet(packet, (flags & sequenceBit) === 0 ? inner : inner + 8)
  }
  if (protocol === 0x22eb) {
    const hasSubheader = (bytes[inner + 11] & 1) === 1
    return enterEthernet(packet, inner + (hasSubheader ? 20 : 12))
  }
  return enterProtocol(packet, protocol, inner)
}

function enterPptp(packet: Packet, at: number): boolean {
  const { bytes } = packet
  const framed = bytes[at] === 0xff && bytes[at + 1] === 0x03
  return enterPpp(packet, framed ? at + 2 : at)
}

const transparentEthernet = 0x6558
const ipv4 = 0x0800
const ipv6 = 0x86dd

/** An ethertype, of which some tunnels have one more for a whole frame. */
function enterProtocol(packet: Packet, protocol: number, at: number): boolean {
  if (at >= packet.end) return false
  if (protocol === transparentEthernet) return enterEthernet(packet, at)
  if (protocol === ipv4 || protocol === ipv6) return enterAt(packet, at)
  return enter(packet, protocol, at)
}
