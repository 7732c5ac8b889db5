import { emptyPacket, type Packet, type PacketSink } from '#model/packet.ts'
import type { LinkLayer } from '../link-layer.ts'
import { openTunnels } from '../tunnels.ts'

/** How far the reading of one file has come. */
export interface Reading {
  readonly packet: Packet
  packets: number
  bytes: number
  drops: number
  cut: number
  foreign: number
  /** No packet comes any more: the file's end, or what it holds makes no sense from here on. */
  ended: boolean
  fault: 'cut' | 'damaged' | undefined
}

/** One format's way through a file. */
export interface FormatReader {
  /** Gives up to `packetsMax` packets to the sink and answers how many; 0 only when the reading has ended. */
  drain(sink: PacketSink, packetsMax: number): number
}

/** A reading that has not begun. */
export function emptyReading(): Reading {
  return {
    packet: emptyPacket(),
    packets: 0,
    bytes: 0,
    drops: 0,
    cut: 0,
    foreign: 0,
    ended: false,
    fault: undefined,
  }
}

/** No captured packet is larger: USB's could be, but they are foreign here. A larger claim is damage. */
export const packetBytesMax = 16 * 1024 * 1024

/** Counts the packet and gives it to the sink, unless it is foreign. Answers how many were given: 0 or 1. */
export function give(reading: Reading, linkLayer: LinkLayer, sink: PacketSink): number {
  const { packet } = reading
  if (!linkLayer(packet)) {
    reading.foreign++
    return 0
  }
  openTunnels(packet)
  reading.packets++
  reading.bytes += packet.lengthBytes
  if (packet.lengthBytes > packet.end - packet.start) reading.cut++
  sink(packet)
  return 1
}

/** Ends the reading, with or without a fault. */
export function end(reading: Reading, fault: 'cut' | 'damaged' | undefined): false {
  reading.ended = true
  reading.fault = fault
  return false
}
