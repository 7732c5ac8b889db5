/** What was captured and what was lost. Tallies add up. */
export interface Tally {
  packets: number
  /** As on the wire, from the IP header on. */
  bytes: number
  /** Packets that the kernel had no room for. */
  drops: number
  /** How often the ring was full. */
  freezes: number
  /** Packets cut by the snapshot length. */
  cut: number
}

/** Nothing yet. */
export function emptyTally(): Tally {
  return { packets: 0, bytes: 0, drops: 0, freezes: 0, cut: 0 }
}

/** Adds `more` to the tally. */
export function addTo(tally: Tally, more: Readonly<Tally>): void {
  tally.packets += more.packets
  tally.bytes += more.bytes
  tally.drops += more.drops
  tally.freezes += more.freezes
  tally.cut += more.cut
}
