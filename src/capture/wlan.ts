import type { Packet } from '#model/packet.ts'
import { enter } from './ethertype.ts'

const dataType = 2
const qosBit = 0x80
const noDataBit = 0x40
const toSystem = 0x01
const fromSystem = 0x02
const encrypted = 0x40
const hasHtControl = 0x80

/**
 * LINKTYPE_IEEE802_11: data frames (IEEE 802.11, 9.3.2): frame control, duration, three addresses, sequence; a fourth
 * address between systems, QoS and HT control where said; then LLC and SNAP. What is encrypted stays closed.
 */
export function ieee80211(packet: Packet): boolean {
  return enterFrame(packet, packet.start)
}

/** LINKTYPE_IEEE802_11_RADIOTAP: version, padding, length (little-endian), then the frame. */
export function radiotap(packet: Packet): boolean {
  const { bytes, start } = packet
  return enterFrame(packet, start + (bytes[start + 2] | (bytes[start + 3] << 8)))
}

function enterFrame(packet: Packet, at: number): boolean {
  const { bytes, end } = packet
  if (at + 24 > end) return false
  const control = bytes[at]
  const flags = bytes[at + 1]
  const isData = ((control >> 2) & 3) === dataType && (control & noDataBit) === 0
  if (!isData || (flags & encrypted) !== 0) return false
  let inner = at + 24
  if ((flags & toSystem) !== 0 && (flags & fromSystem) !== 0) inner += 6
  if ((control & qosBit) !== 0) inner += (flags & hasHtControl) === 0 ? 2 : 6
  // no ethertype stands here: LLC as in IEEE 802.3, whose field would be a length
  return enter(packet, 0, inner)
}
