import type { LogEnd, LogLine } from '#model/graph.ts'
import type { Outcome } from '#model/transaction.ts'
import type { DemoLink, DemoService } from './shop.ts'

/** What an invented link does in one second. */
export interface DemoSecond {
  readonly ok: number
  readonly warning: number
  readonly error: number
  readonly p50Us: number
  readonly p99Us: number
  readonly bytes: number
}

const boutLengthSeconds = 20

/** Rates of a link at a second: a slow swell, some noise, and bouts of errors. */
export function secondOf(link: DemoLink, second: number, random: () => number): DemoSecond {
  const swell = 1 + 0.18 * Math.sin(second / 37 + link.p50Us) + 0.1 * (random() - 0.5)
  const mean = link.requestsPerSecond * swell
  const requests =
    mean < 2 ? Number(random() < mean) : Math.round(mean + Math.sqrt(mean) * (random() - 0.5))
  const bout = link.boutSeconds !== undefined && second % link.boutSeconds < boutLengthSeconds
  const error = Math.min(requests, draw(requests * link.errorShare * (bout ? 10 : 1), random))
  const warning = Math.min(requests - error, draw(requests * link.warningShare, random))
  const p50Us = link.p50Us * (0.92 + 0.16 * random()) * (bout ? 2.2 : 1)
  const bytesEach = 300 + link.asks.reduce((sum, [, , bytes]) => sum + bytes, 0) / link.asks.length
  return {
    ok: requests - error - warning,
    warning,
    error,
    p50Us: requests > 0 ? p50Us : 0,
    p99Us: requests > 0 ? p50Us * (4 + 3 * random()) : 0,
    bytes: requests * bytesEach,
  }
}

/** A whole number whose mean is `mean`. */
const draw = (mean: number, random: () => number) => Math.floor(mean) + Number(random() < mean % 1)

const statuses: Record<string, Record<Outcome, readonly string[]>> = {
  http: { ok: ['200', '200', '200', '204', '304'], warning: ['404', '429'], error: ['503', '500'] },
  redis: { ok: ['OK'], warning: ['MOVED'], error: ['ERR'] },
  postgres: { ok: ['OK'], warning: ['WARNING'], error: ['40P01', '53300'] },
}

/** One invented line of a link's access log. */
export function lineOf(
  link: DemoLink,
  ends: { readonly client: DemoService; readonly server: DemoService },
  at: { readonly sequence: number; readonly startUs: number; readonly outcome: Outcome },
  random: () => number,
): LogLine {
  const [method, resource, bytes] = link.asks[Math.floor(random() * link.asks.length)]
  const known = (statuses[link.protocol] ?? statuses.redis)[at.outcome]
  const unanswered = at.outcome === 'error' && random() < 0.2
  const slow = at.outcome === 'error' ? 30 : 1
  return {
    ...at,
    link: link.id,
    protocol: link.protocol,
    method,
    resource,
    status: unanswered ? undefined : known[Math.floor(random() * known.length)],
    durationUs: unanswered
      ? undefined
      : Math.round(link.p50Us * slow * Math.exp(random() * 2.2 - 0.8)),
    requestBytes: 180 + Math.floor(random() * 400),
    responseBytes: unanswered ? 0 : Math.round(bytes * (0.8 + 0.4 * random())),
    gap: random() < 0.004,
    clientPort: 30_000 + Math.floor(random() * 30_000),
    client: endOf(ends.client, random, 30_000 + Math.floor(random() * 30_000)),
    server: endOf(ends.server, random, link.protocol === 'http' ? 8080 : 5432),
    ...(link.protocol === 'http' && { traceId: traceOf(at.startUs) }),
  }
}

/** What is asked over HTTP within a quarter of a second is asked for the sake of one request. */
const traceOf = (startUs: number): string =>
  Math.floor(startUs / 250_000)
    .toString(16)
    .padStart(16, '0')
    .repeat(2)

function endOf(service: DemoService, random: () => number, port: number): LogEnd {
  if (service.instances === 0) {
    return { ip: `203.0.113.${Math.floor(random() * 250)}`, port, service: service.id }
  }
  const number = 1 + Math.floor(random() * service.instances)
  const instance = service.kind === 'compose' ? `shop-${service.name}-${number}` : service.name
  return { ip: `172.19.0.${10 + number}`, port, service: service.id, instance }
}
