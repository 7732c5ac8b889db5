/** Which way a packet passed the interface; `unknown` in capture files that do not say. */
export type Direction = 0 | 1 | 2
export const unknownDirection: Direction = 0
export const incoming: Direction = 1
export const outgoing: Direction = 2

/**
 * Bytes seen on an interface, from the network layer (the IPv4 or IPv6 header) on.
 * A source owns one Packet and fills it anew for each packet: it, and the bytes it points into,
 * are valid only during the call. Nothing is allocated per packet; who needs bytes later copies them.
 *
 *     bytes  ....|IP header ..... payload|......
 *                ^start                  ^end            captured
 *                |<----- lengthBytes ------------>|      on the wire; more than end - start when cut
 */
export interface Packet {
  bytes: Uint8Array
  start: number
  end: number
  lengthBytes: number
  /** Microseconds since the epoch; exact in a double until the year 2255. */
  timeUs: number
  /** Which network namespace it was seen in: a small number that its source gave out (0 in files). */
  namespace: number
  direction: Direction
  /** Seen on a loopback interface: both ends live in this namespace. */
  loopback: boolean
}

export type PacketSink = (packet: Packet) => void

/** A packet to be filled. */
export function emptyPacket(): Packet {
  return {
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    lengthBytes: 0,
    timeUs: 0,
    namespace: 0,
    direction: unknownDirection,
    loopback: false,
  }
}
