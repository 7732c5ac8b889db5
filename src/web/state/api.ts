import type { Arrangement } from '#model/arrangement.ts'
import type { GraphLink, LinkFigures, LogLine } from '#model/graph.ts'
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

/** Sampled lines, newest first, and the exact counts of the last minute. */
export interface LogPage {
  readonly lines: readonly LogLine[]
  readonly total: Counts
}

export interface LogQuery {
  readonly outcome?: Outcome
  readonly text?: string
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
  link(id: string, signal: AbortSignal): Promise<Answer<LinkDetail>>
  log(link: string, query: LogQuery, signal: AbortSignal): Promise<Answer<LogPage>>
  /** Arranges a place of the map for all viewers. */
  arrange(at: string, nodes: Arrangement, by: string): Promise<Answer<unknown>>
  /** Why the server refuses this page, if it does. */
  refusal(): Promise<string | undefined>
}

/** The server's HTTP interface; `base` ends with `/`. `fetch` is passed in for tests. */
export function createApi(base: string, fetch: typeof globalThis.fetch): Api {
  const get = <T>(path: string, signal?: AbortSignal) => {
    const headers = { accept: 'application/json' }
    return ask<T>(fetch, base + path, { ...(signal && { signal }), headers })
  }
  const id = encodeURIComponent
  return {
    service: (service, signal) => get<ServiceDetail>(`services/${id(service)}`, signal),
    link: (link, signal) => get<LinkDetail>(`links/${id(link)}`, signal),
    log: (link, query, signal) =>
      get<LogPage>(`links/${id(link)}/transactions?${formatLogQuery(query)}`, signal),
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
