/** Limits of a flow table. Times are packet times in microseconds. */
export interface Limits {
  /** Flows at one time; at the limit the longest idle is evicted. */
  readonly flowsMax: number
  /** Bytes of early segments held for all flows together. */
  readonly heldBytesMax: number
  /** A hole older than this is lost. */
  readonly holdUs: number
  /** A SYN without an answer for so long is unanswered. */
  readonly attemptUs: number
  readonly tcpIdleUs: number
  readonly udpIdleUs: number
  /** A connection of which one side has finished, idle for so long, has ended. */
  readonly halfClosedUs: number
  /** So long an ended flow still takes what comes late, from the last packet on. */
  readonly lingerUs: number
  /** The same for an attempt that was not answered: its SYNs come ever more slowly. */
  readonly attemptLingerUs: number
  /** Makes hashes the same in every run; by default they differ, so that collisions cannot be planned. */
  readonly seed: number
}

/** Limits where nothing else is asked for. */
export const defaultLimits: Omit<Limits, 'seed'> = {
  flowsMax: 65_536,
  heldBytesMax: 16 * 1024 * 1024,
  holdUs: 2_000_000,
  attemptUs: 3_000_000,
  tcpIdleUs: 3_600_000_000,
  udpIdleUs: 30_000_000,
  halfClosedUs: 60_000_000,
  lingerUs: 5_000_000,
  attemptLingerUs: 65_000_000,
}
