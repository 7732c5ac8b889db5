import type { Arrangement } from '#model/arrangement.ts'
import type { ClusterEvent } from '#model/event.ts'
import type { GraphLink, LinkFigures, LogLine } from '#model/graph.ts'
import type { InstanceFlow } from '#model/instance-flow.ts'
import type { ClusterNode, NodeDetail } from '#model/node.ts'
import type { TopResource } from '#model/resources.ts'
import type { Series } from '#model/series.ts'
import type { Instance, Service } from '#model/service.ts'
import type { Outcome } from '#model/transaction.ts'
import type { Counts } from '#model/window.ts'

/** A link with its figures over the asked window (a minute) and its two ends. */
export type LinkDetail = GraphLink &
  LinkFigures & { readonly client: Service; readonly server: Service }

export interface ServiceDetail {
  readonly service: Service
  readonly instances: readonly Instance[]
  readonly callers: readonly LinkDetail[]
  readonly calls: readonly LinkDetail[]
}

/** What a series is of: a link, or what is said to a service (`callers`) or by it (`calls`). */
export type SeriesOf =
  | { readonly kind: 'link'; readonly id: string }
  | { readonly kind: 'service'; readonly id: string; readonly side: 'callers' | 'calls' }

/** A stretch of time in steps of whole seconds; up to now. */
export interface SeriesRange {
  readonly fromMs: number
  readonly stepMs: number
}

/** The most frequent first; `sampled` of `total` requests of the window are known. */
export interface ResourcesAnswer {
  readonly resources: readonly TopResource[]
  readonly sampled: number
  readonly total: number
  readonly windowMs: number
}

/** What the instances of a service said and were told in the `windowMs` that ended at `atMs`. */
export interface InstanceFlows {
  readonly atMs: number
  readonly windowMs: number
  readonly flows: readonly InstanceFlow[]
}

/** Sampled lines, newest first, and of one link the exact counts of the last minute. */
export interface LogPage {
  readonly lines: readonly LogLine[]
  readonly total?: Counts
}

export interface LogQuery {
  readonly outcome?: Outcome
  readonly text?: string
  /** Only lines that took at least so long. */
  readonly slowerMs?: number
  /** Only lines of this trace. */
  readonly trace?: string
  readonly limit: number
  /** Only lines that began from then on, and until then, ms since the epoch. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Only lines with a greater sequence number. */
  readonly after?: number
}

/**
 * An answer, or why there is none, in a sentence. `gone`: the server does not know it (any more). `refused`: it asks
 * for a token.
 */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'gone'; readonly error: string }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

export interface Api {
  service(id: string, signal: AbortSignal): Promise<Answer<ServiceDetail>>
  /** Who of its instances speaks with whom. */
  flows(service: string, signal: AbortSignal): Promise<Answer<InstanceFlows>>
  link(id: string, signal: AbortSignal): Promise<Answer<LinkDetail>>
  series(of: SeriesOf, range: SeriesRange, signal: AbortSignal): Promise<Answer<Series>>
  resources(link: string, signal: AbortSignal): Promise<Answer<ResourcesAnswer>>
  /** What changed at a service, newest first. */
  events(service: string, signal: AbortSignal): Promise<Answer<{ events: readonly ClusterEvent[] }>>
  nodes(signal: AbortSignal): Promise<Answer<{ nodes: readonly ClusterNode[] }>>
  node(name: string, signal: AbortSignal): Promise<Answer<NodeDetail>>
  log(link: string, query: LogQuery, signal: AbortSignal): Promise<Answer<LogPage>>
  /** The lines of a trace on all links. */
  trace(query: LogQuery & { trace: string }, signal: AbortSignal): Promise<Answer<LogPage>>
  /** Arranges a place of the map for all viewers. */
  arrange(at: string, nodes: Arrangement, by: string): Promise<Answer<unknown>>
  /** Why the server refuses this page, if it does. */
  refusal(): Promise<string | undefined>
}

/** Seconds that the most frequent resources are of. */
export const resourceSeconds = 300
/** Events that are asked for. */
const eventsAskedMax = 100

/** The server's HTTP interface; `base` ends with `/`. `fetch` is passed in for tests. */
export function createApi(base: string, fetch: typeof globalThis.fetch): Api {
  const get = <T>(path: string, signal?: AbortSignal) => {
    const headers = { accept: 'application/json' }
    return ask<T>(fetch, base + path, { ...(signal && { signal }), headers })
  }
  const id = encodeURIComponent
  return {
    service: (service, signal) => get<ServiceDetail>(`services/${id(service)}`, signal),
    flows: (service, signal) => get<InstanceFlows>(`services/${id(service)}/flows`, signal),
    link: (link, signal) => get<LinkDetail>(`links/${id(link)}`, signal),
    series: (of, { fromMs, stepMs }, signal) => {
      const side = of.kind === 'service' ? `side=${of.side}&` : ''
      const range = `from=${fromMs}&step=${stepMs / 1000}`
      return get<Series>(`${of.kind}s/${id(of.id)}/series?${side}${range}`, signal)
    },
    resources: (link, signal) =>
      get<ResourcesAnswer>(`links/${id(link)}/resources?window=${resourceSeconds}`, signal),
    events: (service, signal) =>
      get<{ events: readonly ClusterEvent[] }>(
        `events?service=${id(service)}&limit=${eventsAskedMax}`,
        signal,
      ),
    nodes: signal => get<{ nodes: readonly ClusterNode[] }>('nodes', signal),
    node: (name, signal) => get<NodeDetail>(`nodes/${id(name)}`, signal),
    log: (link, query, signal) =>
      get<LogPage>(`links/${id(link)}/transactions?${formatLogQuery(query)}`, signal),
    trace: (query, signal) => get<LogPage>(`transactions?${formatLogQuery(query)}`, signal),
    arrange: (at, nodes, by) => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ nodes, by })
      const put = { method: 'PUT', headers, body, keepalive: body.length < keepaliveMax }
      return ask<unknown>(fetch, `${base}places?at=${id(at)}`, put)
    },
    refusal: async () => {
      const answer = await get<unknown>('graph?window=1')
      return answer.kind === 'refused' ? answer.error : undefined
    },
  }
}

export function formatLogQuery({
  outcome,
  text,
  slowerMs,
  trace,
  limit,
  sinceMs,
  untilMs,
  after,
}: LogQuery): string {
  const fields = new URLSearchParams({ limit: String(limit) })
  if (sinceMs !== undefined) fields.set('since', String(sinceMs))
  if (untilMs !== undefined) fields.set('until', String(untilMs))
  if (outcome) fields.set('outcome', outcome)
  if (text) fields.set('text', text)
  if (slowerMs) fields.set('slower', String(slowerMs))
  if (trace) fields.set('trace', trace)
  if (after !== undefined) fields.set('after', String(after))
  return fields.toString()
}

/** A request this small outlives the page that made it. */
const keepaliveMax = 60_000

const kinds: Readonly<Record<number, 'gone' | 'refused'>> = {
  401: 'refused',
  403: 'refused',
  404: 'gone',
}

async function ask<T>(
  fetch: typeof globalThis.fetch,
  url: string,
  request: RequestInit,
): Promise<Answer<T>> {
  try {
    const response = await fetch(url, request)
    if (response.ok) return { kind: 'ok', value: (await response.json()) as T }
    const body = (await response.json().catch(() => ({}))) as { error?: string }
    const error = body.error ?? `The server answered ${response.status}.`
    return { kind: kinds[response.status] ?? 'failed', error }
  } catch {
    // The network failed, or the answer is no JSON: to the reader both mean that the server gave none.
    return { kind: 'failed', error: 'The server gave no answer.' }
  }
}
