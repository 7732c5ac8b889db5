import type { Packet } from '#model/packet.ts'
import type { Beginning, Conversation } from './conversation.ts'
import type { Counting } from './counters.ts'
import type { IpHeader } from './ip.ts'
import type { Stream } from './stream.ts'

/** Ports below are given to services. */
const wellKnownMax = 1024

const byClient: Beginning = { state: 'open', isFromClient: true, isCertain: false }
const byServer: Beginning = { state: 'open', isFromClient: false, isCertain: false }

/** Who sends first is the client, unless what comes from a well-known port is an answer that was asked for before. */
export function beginningOf(ports: number): Beginning {
  return ports >>> 16 < wellKnownMax && (ports & 0xffff) >= wellKnownMax ? byServer : byClient
}

/** Takes a UDP datagram, whose header (RFC 768) is known to be there. */
export function takeDatagram(
  flow: Conversation,
  stream: Stream,
  packet: Packet,
  ip: IpHeader,
  counters: Counting,
): void {
  stream.packets++
  // 0: longer than 64 KiB (RFC 2675 section 4). Larger than the packet: the rest is in later fragments.
  const lengthBytes = (ip.view.getUint16(ip.start + 4) || ip.lengthBytes) - 8
  if (lengthBytes < 0) {
    counters.malformed++
    return
  }
  stream.bytes += lengthBytes
  const start = ip.start + 8
  const end = Math.min(ip.end, start + lengthBytes)
  const cutBytes = lengthBytes - (end - start)
  if (cutBytes > 0) counters.cutBytes += cutBytes
  const { reader } = flow
  if (!reader) return
  if (start < end) reader.read(stream.side, packet.bytes, start, end, packet.timeUs)
  if (cutBytes > 0) reader.gap(stream.side, cutBytes, packet.timeUs)
}
