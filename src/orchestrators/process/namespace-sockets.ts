import type { Endpoint } from '#model/endpoint.ts'
import type { Transport } from '#model/flow.ts'
import type { Socket, SocketDiag } from './socket-diag.ts'

/** The sockets of one network namespace: who waits for others, and whoever is asked for. */
export class NamespaceSockets {
  readonly #diag: SocketDiag
  #waiting = new Map<string, Socket[]>()
  #readMs = Number.NEGATIVE_INFINITY
  lastAskedMs: number

  constructor(diag: SocketDiag, nowMs: number) {
    this.#diag = diag
    this.lastAskedMs = nowMs
  }

  /** Reads who waits, when what is known is older than `ageMs`. */
  refresh(ageMs: number, nowMs: number): void {
    if (nowMs - this.#readMs < ageMs) return
    this.#readMs = nowMs
    this.#waiting = new Map()
    for (const socket of this.#diag.waiting()) {
      if (socket.remote.port !== 0) continue
      const key = keyOf(socket.transport, socket.local.port)
      const sockets = this.#waiting.get(key)
      if (sockets === undefined) this.#waiting.set(key, [socket])
      else sockets.push(socket)
    }
  }

  waiting(): Iterable<Socket> {
    return [...this.#waiting.values()].flat()
  }

  /** The socket that waits on this address: bound to it, else to any address of its family, else to any at all. */
  waitingOn(transport: Transport, local: Endpoint): Socket | undefined {
    const sockets = this.#waiting.get(keyOf(transport, local.port))
    if (sockets === undefined) return undefined
    const any = local.ip.includes(':') ? '::' : '0.0.0.0'
    return (
      sockets.find(socket => socket.local.ip === local.ip) ??
      sockets.find(socket => socket.local.ip === any) ??
      // A `::` socket takes IPv4 too unless told otherwise, and those who are told have an IPv4 twin.
      sockets.find(socket => socket.local.ip === '::')
    )
  }

  find(transport: Transport, local: Endpoint, remote: Endpoint): Socket | undefined {
    return this.#diag.find(transport, local, remote)
  }

  close(): void {
    this.#diag.close()
  }
}

function keyOf(transport: Transport, port: number): string {
  return `${transport}:${port}`
}
