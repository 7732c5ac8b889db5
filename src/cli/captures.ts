import { openPcapFile, type PcapFileSource } from '#capture/pcap-file/index.ts'
import { Fault, messageOf } from '#lib/fault.ts'
import type { PacketSink } from '#model/packet.ts'

const packetsPerTurn = 4096

/** Opens a capture file; one that can't be read is one sentence. */
export function openCapture(path: string): PcapFileSource {
  try {
    return openPcapFile(path)
  } catch (error) {
    throw new Fault(messageOf(error))
  }
}

/** Gives all packets of a capture to the sink; `turn` is called every few thousand. A file that is cut short gives what it has; then that is the fault. */
export function drainCapture(source: PcapFileSource, sink: PacketSink, turn: () => void): void {
  try {
    while (!source.ended) {
      source.drain(sink, packetsPerTurn)
      turn()
    }
  } finally {
    source.close()
  }
}
