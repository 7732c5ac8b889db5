import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { json } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import type { Plugin } from 'vite'
import { WebSocketServer } from 'ws'
import type { Frame } from '../state/feed.ts'
import { type DemoAnswers, demoAnswers, panelAnswer } from './answers.ts'
import { DemoCluster } from './cluster.ts'

/** Addresses that are kept in mind. */
const askedMax = 1000

/** What a test may do to the invented server. */
export interface DemoControls {
  cluster: DemoCluster
  /** The invented clock stands: seconds pass only by `step`. */
  still: boolean
  /** No frames are sent while true: the page's figures become stale. */
  silent: boolean
  /** Connections are refused while true. */
  down: boolean
  /** Version of the names that all have been told. */
  told: number
  /** Start of the newest second that was invented. */
  tickedMs: number
  /** What viewers have arranged, by place. */
  readonly places: Map<string, object>
  /** What the panels are answered. */
  readonly answers: DemoAnswers
  /** Ends all live connections. */
  drop(): void
  /** One second more, told to all who listen; answers in how many messages. */
  step(): number
}

export interface DemoOptions {
  /** The wire's encoder: passed in, because only what joins the steps knows the wire. */
  encodeFrame(frame: Frame): Uint8Array
}

/**
 * A Vite plugin that answers `/api/v1` with an invented cluster, so that the page can be developed and tested without a
 * server or containers. It serves `vite` and `vite preview` only; no build ever contains it.
 */
export function demo({ encodeFrame }: DemoOptions): Plugin<DemoControls> {
  const startMs = Math.floor(Date.now() / 1000) * 1000
  const cluster = new DemoCluster(startMs, Math.random)
  for (let second = 60; second >= 0; second--) cluster.tick(startMs - second * 1000)
  const sockets = new WebSocketServer({ noServer: true })
  const controls: DemoControls = {
    cluster,
    still: false,
    silent: false,
    down: false,
    told: cluster.version,
    tickedMs: startMs,
    places: new Map(),
    answers: demoAnswers(),
    drop: () => {
      for (const socket of sockets.clients) socket.terminate()
    },
    step: () => {
      controls.tickedMs += 1000
      return tell(sockets, controls, [encodeFrame(controls.cluster.tick(controls.tickedMs))])
    },
  }
  const attach = (server: Server) => {
    server.on('upgrade', (request, socket, head) => upgrade(request, socket as Duplex, head))
    const timer = setInterval(() => broadcast(sockets, controls, encodeFrame), 1000)
    server.on('close', () => clearInterval(timer))
  }
  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (!request.url?.startsWith('/api/v1/live')) return
    if (controls.down) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, client => {
      const places = [...controls.places].map(([at, nodes]) => ({ at, nodes }))
      client.send(JSON.stringify({ type: 'places', places, by: '' }))
      client.send(JSON.stringify(controls.cluster.names()))
      client.send(JSON.stringify(controls.cluster.status(nowOf(controls))))
    })
  }
  return {
    name: 'demo',
    apply: 'serve',
    api: controls,
    configureServer: server => {
      if (server.httpServer) attach(server.httpServer as Server)
      server.middlewares.use(arranger(sockets, controls))
      server.middlewares.use((request, response, next) => answer(controls, request, response, next))
    },
    configurePreviewServer: server => {
      attach(server.httpServer as Server)
      server.middlewares.use(arranger(sockets, controls))
      server.middlewares.use((request, response, next) => answer(controls, request, response, next))
    },
  }
}

function broadcast(
  sockets: WebSocketServer,
  controls: DemoControls,
  encodeFrame: DemoOptions['encodeFrame'],
): void {
  if (controls.still) return
  const { cluster } = controls
  const frames: Uint8Array[] = []
  // Whole seconds, each once, as a server tells them, however the timer drifts.
  const lastMs = Math.floor(Date.now() / 1000) * 1000 - 1000
  for (let ms = Math.max(controls.tickedMs, lastMs - 5000) + 1000; ms <= lastMs; ms += 1000) {
    frames.push(encodeFrame(cluster.tick(ms)))
  }
  controls.tickedMs = lastMs
  tell(sockets, controls, frames)
}

/** The server's clock. */
const nowOf = ({ still, tickedMs }: DemoControls) => (still ? tickedMs + 1000 : Date.now())

function tell(
  sockets: WebSocketServer,
  controls: DemoControls,
  frames: readonly Uint8Array[],
): number {
  const { cluster } = controls
  if (controls.silent) return 0
  const texts = [JSON.stringify(cluster.status(nowOf(controls)))]
  if (controls.told !== cluster.version) texts.unshift(JSON.stringify(cluster.names()))
  controls.told = cluster.version
  for (const socket of sockets.clients) {
    for (const text of texts) socket.send(text)
    for (const frame of frames) socket.send(frame)
  }
  return sockets.clients.size > 0 ? texts.length + frames.length : 0
}

/** `PUT /api/v1/places`: kept, and told to all. */
function arranger(sockets: WebSocketServer, { places }: DemoControls) {
  return async (request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const url = new URL(request.url ?? '/', 'http://demo')
    if (request.method !== 'PUT' || url.pathname !== '/api/v1/places') return next()
    const at = url.searchParams.get('at') ?? ''
    const { nodes, by } = (await json(request)) as { nodes: object; by: string }
    places.set(at, nodes)
    const message = JSON.stringify({ type: 'places', places: [{ at, nodes }], by })
    for (const socket of sockets.clients) socket.send(message)
    response.end('{}')
  }
}

async function answer(
  controls: DemoControls,
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): Promise<void> {
  const { cluster, down, answers } = controls
  const url = new URL(request.url ?? '/', 'http://demo')
  const [, , , kind, id = '', part] = url.pathname.split('/').map(decodeURIComponent)
  if (!url.pathname.startsWith('/api/v1/')) {
    next()
    return
  }
  if (down) {
    response.destroy()
    return
  }
  answers.asked.push(request.url ?? '')
  answers.asked.splice(0, answers.asked.length - askedMax)
  const { searchParams } = url
  const told = { nowMs: nowOf(controls), keptFromMs: answers.keptFromMs }
  const routes: Record<string, () => unknown> = {
    services: () => !part && cluster.service(id),
    transactions: () => cluster.trace(searchParams),
    links: () => (part ? cluster.transactions(id, searchParams) : cluster.link(id)),
  }
  const more = panelAnswer(cluster, [kind, id, part], searchParams, told)
  const body = more ?? routes[kind]?.()
  const hasFailed = answers.failing.some(name => url.pathname.includes(name))
  if (answers.delayMs > 0) await wait(answers.delayMs)
  response.statusCode = hasFailed ? 500 : body ? 200 : 404
  response.setHeader('content-type', 'application/json')
  const none = { error: hasFailed ? 'A fault of the demo.' : 'The demo knows nothing of that.' }
  response.end(JSON.stringify((!hasFailed && body) || none))
}
