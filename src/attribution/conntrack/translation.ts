import { type Endpoint, format } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'

/** A connection before the kernel translated it. */
export interface Original {
  readonly client: Endpoint
  readonly server: Endpoint
}

/** A connection of the kernel's table: as it began, and as its packets look behind whatever translated them. */
export interface Entry {
  readonly transport: Transport
  readonly original: Original
  readonly seen: Original
  /** Tables within the table, for networks of equal addresses (OVS, some CNI plugins); nearly always 0. */
  readonly zone: number
}

/** `tcp 10.0.0.5:4000>10.0.0.9:80`: the same for equal connections. */
export function keyOf(transport: string, { client, server }: Original): string {
  return `${transport} ${format(client)}>${format(server)}`
}

export function isSame(a: Original, b: Original): boolean {
  return isEnd(a.client, b.client) && isEnd(a.server, b.server)
}

/** Of several that answer one question all must say the same: what it was before, or that it is not known. */
export function agreed(originals: readonly Original[]): Original | undefined {
  const [first, ...others] = originals
  return others.every(other => isSame(first, other)) ? first : undefined
}

const isEnd = (a: Endpoint, b: Endpoint): boolean => a.ip === b.ip && a.port === b.port
