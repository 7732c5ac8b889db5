/** What happened since the start; `flows`, `heldBytes` are as of now. */
export interface FlowCounters {
  readonly packets: number
  /** Bytes on the wire from the network layer on. */
  readonly bytes: number
  readonly tcp: number
  readonly udp: number
  readonly icmp: number
  readonly esp: number
  /** Other transports. */
  readonly other: number
  /** Neither IPv4 nor IPv6. */
  readonly foreign: number
  /** Headers that contradict themselves or were cut. */
  readonly malformed: number
  /** Fragments but the first: their bytes are missing in the flow. */
  readonly laterFragments: number
  /** TCP packets far outside the window, after the end, or resets of flows not known: not believed. */
  readonly strays: number
  /** Flows in the table, those lingering after their end included. */
  readonly flows: number
  readonly opened: number
  /** Closed because the table was full. */
  readonly evicted: number
  /** Flows not opened because too many keys fell on one place of the table. */
  readonly crowded: number
  /** Removed flows whose last change no `visit` saw, because too many waited. */
  readonly unvisited: number
  readonly retransmissions: number
  readonly outOfOrder: number
  /** Holes declared lost, and their bytes. */
  readonly gaps: number
  readonly lostBytes: number
  /** Payload that the snapshot length cut. */
  readonly cutBytes: number
  /** Copies of early segments that wait for a hole to be filled. */
  readonly heldBytes: number
  /** Times that the limit of held bytes made a hole lost. */
  readonly heldLimits: number
}

/** Counters at their start, to be counted up. */
export function emptyCounters(): { -readonly [Name in keyof FlowCounters]: FlowCounters[Name] } {
  return {
    packets: 0,
    bytes: 0,
    tcp: 0,
    udp: 0,
    icmp: 0,
    esp: 0,
    other: 0,
    foreign: 0,
    malformed: 0,
    laterFragments: 0,
    strays: 0,
    flows: 0,
    opened: 0,
    evicted: 0,
    crowded: 0,
    unvisited: 0,
    retransmissions: 0,
    outOfOrder: 0,
    gaps: 0,
    lostBytes: 0,
    cutBytes: 0,
    heldBytes: 0,
    heldLimits: 0,
  }
}

/** Counters that are still counted up. */
export type Counting = ReturnType<typeof emptyCounters>
