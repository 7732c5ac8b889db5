import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type AgentListener, Agents } from '#api/agents.ts'
import type { Source } from '#api/answers.ts'
import type { Guard } from '#api/guard.ts'
import { addressOf, listen } from '#api/listen.ts'
import { Viewers } from '#api/live.ts'
import { addPage } from '#api/page.ts'
import { createRoutes } from '#api/routes.ts'
import { followTls, readTls, type TlsFiles } from '#api/tls.ts'
import { upgrader } from '#api/upgrade.ts'
import { isLoopback } from '#lib/ip.ts'
import type { Graph } from '#model/graph.ts'
import { Arrangements } from '#stores/arrangements.ts'
import { MemoryEvents } from '#stores/events.ts'
import { MemoryStore } from '#stores/memory/index.ts'
import { type ClusterOrchestrator, Clusters } from './clusters.ts'
import { Homes } from './homes.ts'
import { Ingest } from './ingest.ts'
import type { Log } from './log.ts'
import { roleOf, sourceOf } from './source.ts'
import { Watch } from './watch.ts'

export interface ServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly agentToken: string
  /** Asked of viewers; wanted whenever `host` is not loopback. */
  readonly viewToken?: string
  /** With them it serves https, and agents come by wss. */
  readonly tls?: TlsFiles
  /** Orchestrators of whole clusters, which the server asks itself. */
  readonly orchestrators?: readonly ClusterOrchestrator[]
  /** Where what people have arranged is kept over restarts; absent: in memory alone. */
  readonly stateFolder?: string | undefined
  readonly log: Log
}

export interface RunningServer {
  /** Where the map is: `http://127.0.0.1:7171`. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Over which the share of the attributed is shown. */
const windowMs = 60_000
/** A second is shown when all agents have told of it, and at the latest this long after its end. */
const patienceMs = 600
const lookMs = 25
const pageRoot = join(import.meta.dirname, '../dist/web')

/** Starts the server and answers when it listens. Throws one sentence when it can't. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const now = () => Date.now()
  const { log } = options
  const store = new MemoryStore()
  const ingest = new Ingest(store, new MemoryEvents())
  const watch = new Watch()
  const agents = new Agents(listenerOf(ingest, watch, log, now), now)
  const clusters = new Clusters(ingest, options.orchestrators ?? [], now)
  const warn = (text: string) => log.warn(text)
  const homes = new Homes(() => ingest.placed())
  const arrangements = new Arrangements({ folder: options.stateFolder, warn })
  const viewers = new Viewers(roleOf, () => arrangements.all())
  const graphAt = (atMs: number, lengthMs: number): Graph =>
    ingest.graph.at(atMs, lengthMs, ingest.told())

  /** The flow in the cluster, once a second: show the second just over, say how all are, forget what is old. */
  const showSecond = (startMs: number) => {
    const graph = graphAt(startMs + 1000, 1000)
    const watchedOf = watch.without(agents.away())
    viewers.show(graph, service => ({ ...watchedOf(service), ...homes.of(service, startMs) }))
    viewers.tell({
      type: 'status',
      atMs: startMs + 1000,
      attribution: ingest.graph.attribution(startMs + 1000, windowMs),
      agents: agents.states(),
      orchestrators: [...agents.orchestrators(), ...clusters.states()],
      droppedSamples: store.dropped,
    })
    ingest.age(now())
    agents.age(now())
  }
  let shownMs = 0
  const look = () => {
    const startMs = Math.floor(now() / 1000) * 1000 - 1000
    const isDue = agents.haveTold(startMs) || now() - startMs >= 1000 + patienceMs
    if (startMs <= shownMs || !isDue) return
    shownMs = startMs
    ingest.settle(startMs, now())
    showSecond(startMs)
  }

  const guard: Guard = {
    agentToken: options.agentToken,
    viewToken: options.viewToken,
    isLoopback: isLoopback(options.host) || options.host === 'localhost',
    isSecure: options.tls !== undefined,
  }
  const source: Source = {
    ...sourceOf({ ingest, store, agents, graphAt, now, startedMs: now() }),
    arrangement: at => arrangements.of(at),
    arrange: (place, by) => {
      arrangements.put(place)
      viewers.arrange(place, by)
    },
  }
  const routes = createRoutes(source, guard, log)
  addPage(routes, pageRoot)
  const { http, unfollow } = openHttp(options, getRequestListener(routes.fetch))
  http.on('upgrade', upgrader(guard, agents, viewers))
  await listen(http, options)
  const looking = setInterval(look, lookMs)
  return {
    ...addressOf(http, options.host),
    close: async () => {
      clearInterval(looking)
      unfollow()
      arrangements.flush()
      clusters.close()
      viewers.close()
      agents.close()
      http.closeAllConnections()
      await new Promise(resolve => http.close(resolve))
    },
  }
}

/** A server of http, or of https where there is a certificate, which is followed when it is renewed. */
function openHttp({ tls, log }: ServerOptions, listener: RequestListener) {
  if (!tls) return { http: createServer(listener), unfollow: () => undefined }
  const pair = readTls(tls)
  if (pair.untilMs < Date.now()) log.warn(`The certificate in ${tls.cert} has expired.`)
  const http = createSecureServer(pair, listener)
  return { http, unfollow: followTls(http, tls, log) }
}

function listenerOf(ingest: Ingest, watch: Watch, log: Log, now: () => number): AgentListener {
  return {
    place: ({ node, hostNamespace, addresses }) =>
      ingest.place({ node, hostNamespace, addresses: new Set(addresses) }),
    windows: (node, batch, isNew) => ingest.windows(node, batch, now(), isNew),
    groups: (node, message) => {
      const { orchestrator, isAll, groups, atMs = now() } = message
      watch.hear(node, message)
      ingest.groups(node, orchestrator, isAll, groups, Math.min(atMs, now()))
    },
    networks: (node, { networks }) => ingest.networks(node, networks),
    usages: (node, usages) => ingest.usages.hear(node, usages, now()),
    forget: (node, orchestrators) => {
      for (const orchestrator of orchestrators) {
        watch.hear(node, { type: 'groups', orchestrator, isAll: true, groups: [] })
      }
      ingest.forget(node, orchestrators, now())
    },
    residents: (node, { residents, atMs = now() }) =>
      ingest.residents(node, residents, Math.min(atMs, now())),
    fault: (node, text) => log.warn(`A message of ${node} was not understood: ${text}`),
  }
}
