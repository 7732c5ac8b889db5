import type { WebSocket } from 'ws'
import { quantileUs } from '#lib/histogram.ts'
import type { Graph, LinkWindow } from '#model/graph.ts'
import type { ServiceRole } from '#model/service.ts'
import {
  encodeFrame,
  type LiveFrame,
  type LiveLink,
  type LiveService,
  type StatusMessage,
  type TopologyMessage,
} from '#wire/live.ts'

/** Viewers beyond are refused; a viewer that lags by more bytes skips frames ("latest wins"). */
const viewersMax = 200
const laggingBytes = 1_000_000

type WatchedOf = (service: string) => Pick<LiveService, 'watched' | 'away'>

/** All browsers that watch: topology when it changed, status and one frame of figures a second. */
export class Viewers {
  /** Frames that slow viewers skipped. */
  skipped = 0
  readonly #sockets = new Set<WebSocket>()
  readonly #roleOf: (protocol: string) => ServiceRole
  #topology: TopologyMessage = { type: 'topology', version: 0, services: [], links: [] }
  #topologyKey = ''
  #status: StatusMessage | undefined

  /** `roleOf`: what a service that is called with a protocol is to its callers. */
  constructor(roleOf: (protocol: string) => ServiceRole) {
    this.#roleOf = roleOf
  }

  accept(socket: WebSocket): void {
    if (this.#sockets.size >= viewersMax) {
      socket.close(1013, 'too many viewers')
      return
    }
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.terminate())
    socket.send(JSON.stringify(this.#topology))
    if (this.#status) socket.send(JSON.stringify(this.#status))
  }

  /** Tells a second: `graph` for the names, `second` for its figures; `watchedOf`: who watches a service. */
  show(
    graph: Graph,
    second: ReadonlyMap<string, LinkWindow>,
    timeMs: number,
    watchedOf: WatchedOf,
  ): void {
    this.#tellTopology(graph, watchedOf)
    const frame = encodeFrame(frameOf(this.#topology, second, timeMs))
    this.#send(frame)
  }

  tell(status: StatusMessage): void {
    this.#status = status
    this.#send(JSON.stringify(status))
  }

  close(): void {
    for (const socket of this.#sockets) socket.close(1001, 'the server stops')
  }

  #tellTopology(graph: Graph, watchedOf: WatchedOf): void {
    const { services, links } = topologyOf(graph, this.#roleOf, watchedOf)
    const key = JSON.stringify([services, links])
    if (key === this.#topologyKey) return
    this.#topologyKey = key
    const version = this.#topology.version + 1
    this.#topology = { type: 'topology', version, services, links }
    this.#send(JSON.stringify(this.#topology), true)
  }

  #send(message: string | Uint8Array, always = false): void {
    for (const socket of this.#sockets) {
      if (always || socket.bufferedAmount < laggingBytes) socket.send(message)
      else this.skipped++
    }
  }
}

/** Names and order of services and links; the order is stable as long as nothing comes or goes. */
export function topologyOf(
  graph: Graph,
  roleOf: (protocol: string) => ServiceRole,
  watchedOf: WatchedOf,
) {
  const sorted = [...graph.services].sort((a, b) => (a.id < b.id ? -1 : 1))
  const index = new Map(sorted.map(({ id }, i) => [id, i]))
  const roles = new Map<string, ServiceRole>()
  for (const { link } of graph.links) {
    const role = roleOf(link.protocol)
    if (role !== 'plain') roles.set(link.server, role)
  }
  const services = sorted.map(
    ({ id, name, kind, group, instances, health }): LiveService => ({
      ...{ id, name, kind, group, instances, health },
      role: roles.get(id) ?? 'plain',
      ...watchedOf(id),
    }),
  )
  const links: LiveLink[] = []
  for (const { link } of graph.links) {
    const client = index.get(link.client)
    const server = index.get(link.server)
    if (client === undefined || server === undefined) continue
    links.push({ id: link.id, protocol: link.protocol, client, server })
  }
  links.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { services, links }
}

/** The second's figures in the order of the topology's links. */
export function frameOf(
  { version, links }: TopologyMessage,
  second: ReadonlyMap<string, LinkWindow>,
  timeMs: number,
): LiveFrame {
  const column = () => new Float32Array(links.length)
  const frame = {
    ...{ version, timeMs, ok: column(), warning: column(), error: column() },
    ...{ p50Us: column(), p99Us: column(), bytes: column() },
  }
  links.forEach(({ id }, i) => {
    const window = second.get(id)
    if (!window) return
    frame.ok[i] = window.counts.ok
    frame.warning[i] = window.counts.warning
    frame.error[i] = window.counts.error
    frame.p50Us[i] = quantileUs(window.latency, 0.5) ?? 0
    frame.p99Us[i] = quantileUs(window.latency, 0.99) ?? 0
    frame.bytes[i] = window.traffic.requestBytes + window.traffic.responseBytes
  })
  return frame
}
