import { messageOf } from '#lib/fault.ts'
import { openLibc } from '#lib/libc.ts'
import type { Endpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'
import { NetlinkTable, netfilterOpener, type Opener } from './netlink-table.ts'
import { ProcTable } from './proc-table.ts'
import type { Original } from './translation.ts'

export interface ConntrackOptions {
  /** How the kernel is reached; by netlink in this thread's network namespace unless told otherwise. */
  readonly open?: Opener
  /** Where the table lies as a file, for where netlink does not answer. */
  readonly path?: string
}

/** A kernel that refused netlink may have loaded what it lacked, so it is asked again. */
const triedEveryMs = 60_000

/**
 * What connection tracking translated in this network namespace. A connection of which several translations are known,
 * as in zones of equal addresses, is not told: which it was nobody can say.
 */
export class Conntrack {
  readonly #open: Opener
  readonly #file: ProcTable
  #table: NetlinkTable | undefined
  /** Why netlink does not answer; undefined while it does, or was not asked yet. */
  #refusal: string | undefined
  #nextTryMs = Number.NEGATIVE_INFINITY
  #nowMs = 0

  constructor({ open, path = '/proc/net/nf_conntrack' }: ConntrackOptions = {}) {
    this.#open = open ?? ownOpener()
    this.#file = new ProcTable(path)
  }

  /** A new second. A node that is not asked costs nothing. The promise is for tests. */
  async refresh(nowMs: number): Promise<void> {
    this.#nowMs = nowMs
    this.#table?.refresh(nowMs)
    await this.#file.refresh(nowMs)
  }

  /**
   * What a connection was before, as seen by who opened it; undefined when it was not translated, or that is not known
   * yet: asking again in the next second may help.
   */
  original(transport: Transport, client: Endpoint, server: Endpoint): Original | undefined {
    const seen = { client, server }
    const table = this.#table ?? this.#tryNetlink()
    const answer = table?.original(transport, seen)
    if (answer?.kind === 'answered') return answer.original
    if (answer) this.#refused(answer.reason)
    return this.#file.original(transport, seen)
  }

  /** In the operator's words, what is missing here; undefined when nothing is. */
  get notice(): string | undefined {
    // Without permission: a kernel that refuses otherwise tracks nothing, so it translates nothing either.
    if (this.#refusal !== 'EPERM' || this.#file.fault === undefined) return undefined
    return `What this machine translates is not undone: asking for it needs CAP_NET_ADMIN, and the file /proc/net/nf_conntrack cannot be read (${this.#file.fault})`
  }

  close(): void {
    this.#table?.close()
    this.#table = undefined
  }

  #tryNetlink(): NetlinkTable | undefined {
    if (this.#nowMs < this.#nextTryMs) return undefined
    const table = NetlinkTable.open(this.#open)
    if (typeof table === 'string') this.#refused(table)
    else {
      this.#refusal = undefined
      this.#table = table
    }
    return this.#table
  }

  #refused(reason: string): void {
    this.close()
    this.#refusal = reason
    this.#nextTryMs = this.#nowMs + triedEveryMs
  }
}

function ownOpener(): Opener {
  let open: Opener | undefined
  return () => {
    try {
      open ??= netfilterOpener(openLibc())
      return open()
    } catch (error) {
      return messageOf(error)
    }
  }
}
