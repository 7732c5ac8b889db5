import type { PacketSink } from '#model/packet.ts'

/** Counters since the source was opened. */
export interface CaptureCounters {
  /** Packets given to the sink. */
  readonly packets: number
  readonly bytes: number
  /** Packets the kernel or the format lost before us. */
  readonly drops: number
  /** Packets cut by the snapshot length. */
  readonly cut: number
  /** Packets that were no IP, or of a link type not known. */
  readonly foreign: number
}

/** Something that gives packets: a set of live rings, or capture files. */
export interface Source {
  /**
   * Gives packets to the sink until there are none at hand or about `packetsMax` were given. Answers how many it gave;
   * 0 means none now (live) or no more (`ended`).
   */
  drain(sink: PacketSink, packetsMax: number): number
  readonly ended: boolean
  counters(): CaptureCounters
  close(): void
}
