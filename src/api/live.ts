import type { WebSocket } from 'ws'
import { quantileUs } from '#lib/histogram.ts'
import type { Arranged } from '#model/arrangement.ts'
import type { Graph, LinkWindow } from '#model/graph.ts'
import { encodeFrame, type LiveFrame, type PlacesMessage, type StatusMessage } from '#wire/live.ts'
import { type RoleOf, Topology, type WatchedOf } from './topology.ts'

/** Viewers beyond are refused; a viewer that lags by more bytes skips frames ("latest wins"). */
const viewersMax = 200
const laggingBytes = 1_000_000

/** All browsers that watch: topology when it changed, status and one frame of figures a second. */
export class Viewers {
  /** Frames that slow viewers skipped. */
  skipped = 0
  readonly #sockets = new Set<WebSocket>()
  readonly #topology: Topology
  #status: StatusMessage | undefined

  readonly #arranged: () => readonly Arranged[]

  /** `arranged`: the places of the map that somebody has arranged. */
  constructor(roleOf: RoleOf, arranged: () => readonly Arranged[] = () => []) {
    this.#topology = new Topology(roleOf)
    this.#arranged = arranged
  }

  accept(socket: WebSocket): void {
    if (this.#sockets.size >= viewersMax) {
      socket.close(1013, 'too many viewers')
      return
    }
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.terminate())
    // Places first: whoever hears the names lays them out.
    const places = this.#arranged()
    if (places.length > 0) socket.send(placesText(places, ''))
    socket.send(JSON.stringify(this.#topology.message))
    if (this.#status) socket.send(JSON.stringify(this.#status))
  }

  /** Tells a second: the graph of it, and who watches a service. */
  show(graph: Graph, watchedOf: WatchedOf): void {
    const isNew = this.#topology.follow(graph, watchedOf)
    const { message } = this.#topology
    if (isNew) this.#send(JSON.stringify(message), true)
    const links = this.#topology.ordered(graph)
    this.#send(encodeFrame(frameOf(message.version, links, graph.atMs - graph.windowMs)))
  }

  tell(status: StatusMessage): void {
    this.#status = status
    this.#send(JSON.stringify(status))
  }

  /** Somebody, who calls himself `by`, has arranged a place. */
  arrange(place: Arranged, by: string): void {
    this.#send(placesText([place], by), true)
  }

  close(): void {
    for (const socket of this.#sockets) socket.close(1001, 'the server stops')
  }

  #send(message: string | Uint8Array, always = false): void {
    for (const socket of this.#sockets) {
      if (always || socket.bufferedAmount < laggingBytes) socket.send(message)
      else this.skipped++
    }
  }
}

function placesText(places: readonly Arranged[], by: string): string {
  return JSON.stringify({ type: 'places', places, by } satisfies PlacesMessage)
}

/** A second's figures of links, in their order. */
function frameOf(version: number, links: readonly LinkWindow[], timeMs: number): LiveFrame {
  const column = (of: (link: LinkWindow) => number) => Float32Array.from(links, of)
  return {
    ...{ version, timeMs },
    ok: column(({ counts }) => counts.ok),
    warning: column(({ counts }) => counts.warning),
    error: column(({ counts }) => counts.error),
    p50Us: column(({ latency }) => quantileUs(latency, 0.5) ?? 0),
    p99Us: column(({ latency }) => quantileUs(latency, 0.99) ?? 0),
    bytes: column(({ traffic }) => traffic.requestBytes + traffic.responseBytes),
  }
}
