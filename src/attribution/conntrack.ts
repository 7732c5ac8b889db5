import { readFileSync } from 'node:fs'
import { type Endpoint, format } from '#model/endpoint.ts'

/** A connection before the kernel translated it. */
export interface Original {
  readonly client: Endpoint
  readonly server: Endpoint
}

/** Entries beyond are not read: a node with more needs the netlink filter. */
const entriesMax = 100_000
const pathDefault = '/proc/net/nf_conntrack'

/**
 * The translations that a node's connection tracking did, from /proc/net/nf_conntrack (kernel: nf_conntrack_standalone.c):
 * `ipv4 2 tcp 6 117 TIME_WAIT src=172.18.0.2 dst=10.0.0.5 sport=4000 dport=80 src=... dst=... sport=... dport=... [ASSURED] ...`,
 * first the original direction, then the reply's. Closed connections stay for two minutes, so even short ones are found.
 */
export class Conntrack {
  readonly #path: string
  /** Undefined: to be read when next asked. */
  #originals: Map<string, Original> | undefined

  constructor(path = pathDefault) {
    this.#path = path
  }

  /** What was read is old: the next question reads the table anew. A node that is not asked costs nothing. */
  refresh(): void {
    this.#originals = undefined
  }

  /** What a translated connection was before, as seen by who opened it; undefined when it was not translated. */
  original(transport: string, client: Endpoint, server: Endpoint): Original | undefined {
    this.#originals ??= this.#read()
    return this.#originals.get(keyOf(transport, client, server))
  }

  /** Nothing where the kernel or the privilege does not let us read. */
  #read(): Map<string, Original> {
    try {
      return parseConntrack(readFileSync(this.#path, 'latin1'))
    } catch {
      return new Map()
    }
  }
}

/** Translated connections by what their packets look like behind the translation. */
export function parseConntrack(text: string): Map<string, Original> {
  const originals = new Map<string, Original>()
  const line =
    / (tcp|udp) .*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) .*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g
  for (const match of text.matchAll(line)) {
    if (originals.size >= entriesMax) break
    const [, transport, source, target, sport, dport, rsource, rtarget, rsport, rdport] = match
    const client = { ip: source, port: Number(sport) }
    const server = { ip: target, port: Number(dport) }
    const seenClient = { ip: rtarget, port: Number(rdport) }
    const seenServer = { ip: rsource, port: Number(rsport) }
    const original = { client, server }
    if (format(client) === format(seenClient) && format(server) === format(seenServer)) continue
    originals.set(keyOf(transport, seenClient, seenServer), original)
  }
  return originals
}

function keyOf(transport: string, client: Endpoint, server: Endpoint): string {
  return `${transport} ${format(client)}>${format(server)}`
}
