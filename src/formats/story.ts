import type { AgentState, Graph, GraphLink, GraphService, LinkWindow } from '#model/graph.ts'
import { internet, type Service } from '#model/service.ts'
import { emptyTraffic } from '#model/window.ts'
import type { Facts } from './format.ts'

const windowMs = 60_000
const atMs = 1_700_000_000_000

/** `shop/web` is a service of the Compose project shop, `web` a container, `process:sshd` a process, `INTERNET` itself. */
export function serviceOf(text: string): Service {
  if (text === internet.name) return internet
  if (text.startsWith('process:')) {
    return { id: text, name: text.slice(8), kind: 'process', group: [] }
  }
  if (text.startsWith('external:')) {
    return { id: text, name: text.slice(9), kind: 'external', group: [] }
  }
  const [group, name] = text.split('/')
  if (name === undefined)
    return { id: `container:${text}`, name: text, kind: 'container', group: [] }
  return { id: `compose:${group}:${name}`, name, kind: 'compose', group: [group] }
}

/** `web > api http 54/3/3 60x8ms`: counts per outcome, and 60 transactions in the latency bucket 8. */
export function linkOf(text: string): LinkWindow {
  const match = /^(.+) > (.+) (\w+) (\d+)\/(\d+)\/(\d+)(?: (\d+)x(\d+))?$/.exec(text)
  if (!match) throw new Error(`no link: ${text}`)
  const [, client, server, protocol, ok, warning, error, count, bucket] = match
  const [clientId, serverId] = [serviceOf(client).id, serviceOf(server).id]
  return {
    link: {
      id: `${clientId}>${serverId}:${protocol}`,
      client: clientId,
      server: serverId,
      protocol,
    },
    counts: { ok: Number(ok), warning: Number(warning), error: Number(error) },
    traffic: { ...emptyTraffic, requestBytes: 100, responseBytes: 1000 },
    latency: count === undefined ? [] : [Number(bucket), Number(count)],
  }
}

const agent: AgentState = {
  node: 'node-1',
  version: '0.1.0',
  namespaces: 4,
  packets: 1000,
  drops: 2,
  flows: 30,
  evictedFlows: 0,
  droppedSamples: 5,
  foldedWindows: 0,
  cpuShare: 0.015,
  residentBytes: 90_000_000,
  backlogSeconds: 0,
  backlogBytes: 0,
  droppedSeconds: 0,
  droppedWindows: 0,
  notices: [],
  connected: true,
  lastMs: atMs,
}

/** The facts of a cluster whose links of the last minute, and of all time, are these. */
export function factsOf(links: readonly string[], more: Partial<Graph> = {}): Facts {
  const totals = links.map(linkOf)
  const services = new Map<string, GraphService>()
  for (const text of links) {
    const [, client, server] = /^(.+) > (\S+) /.exec(text)!
    for (const service of [serviceOf(client), serviceOf(server)]) {
      services.set(service.id, { ...service, instances: 1, health: 'healthy', lastMs: atMs })
    }
  }
  const graph: Graph = {
    atMs,
    windowMs,
    services: [...services.values()],
    links: totals.map((window): GraphLink => ({ ...window, lastMs: atMs })),
    attribution: { score: 1, known: 1, total: 1 },
    ...more,
  }
  return { graph, totals, agents: [agent] }
}

/** A shop that people visit, and what it calls. */
export const story: readonly string[] = [
  'INTERNET > shop/web http 540/30/30 600x96',
  'shop/web > shop/api http 1200/0/0 1200x80',
  'shop/web > shop/api websocket 60/0/0',
  'shop/api > shop/db postgres 2000/10/300 2310x70',
  'shop/api > external:pay.example.com tls 60/0/0 60x200',
  'process:backup > shop/db postgres 1/0/0 1x240',
  'shop/api > shop/api http 5/0/0 5x40',
]
