import type { Endpoint } from '#model/endpoint.ts'

/** A TCP connection as its client's process made it, in whatever namespace. */
export interface Connection {
  /** Process that called connect(); it may be gone by now. */
  readonly pid: number
  /** Its `comm` at that time: 15 characters, a thread's where threads have names. */
  readonly comm: string
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** Tells connections as they are made. */
export interface ConnectionTap {
  /** Gives what came since the last call, at most about `max`; answers how many. */
  drain(done: (connection: Connection) => void, max: number): number
  /** Connections the kernel could not tell because the buffer was full. */
  lost(): number
  close(): void
}
