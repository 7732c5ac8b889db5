import type { Frame } from './feed.ts'
import type { LinkColumns } from './figures.ts'
import type { Level } from './level.ts'

/** Figures of all links as those of what stands on the map. Latencies do not add up: the median is weighted, p99 the worst. */
export function foldColumns({ linkOf, topology }: Level, from: LinkColumns): LinkColumns {
  const count = topology.links.length
  const columns = () => new Float64Array(count)
  const [requests, errors, errorShare, warningShare] = [columns(), columns(), columns(), columns()]
  const [p50Us, p99Us, bytes] = [columns(), columns(), columns()]
  linkOf.forEach((to, i) => {
    if (to < 0) return
    requests[to] += from.requests[i]
    errors[to] += from.errors[i]
    warningShare[to] += from.warningShare[i] * from.requests[i]
    p50Us[to] += from.p50Us[i] * from.requests[i]
    p99Us[to] = Math.max(p99Us[to], from.p99Us[i])
    bytes[to] += from.bytes[i]
  })
  for (let i = 0; i < count; i++) {
    const all = Math.max(requests[i], Number.MIN_VALUE)
    errorShare[i] = errors[i] / all
    warningShare[i] /= all
    p50Us[i] /= all
  }
  return { requests, errors, errorShare, warningShare, p50Us, p99Us, bytes }
}

/** One second of all links as one of what stands on the map. */
export function foldFrame({ linkOf, topology }: Level, frame: Frame): Frame {
  const column = () => new Float32Array(topology.links.length)
  const [ok, warning, error, p50Us, p99Us, bytes] = Array.from({ length: 6 }, column)
  linkOf.forEach((to, i) => {
    if (to < 0) return
    const requests = frame.ok[i] + frame.warning[i] + frame.error[i]
    ok[to] += frame.ok[i]
    warning[to] += frame.warning[i]
    error[to] += frame.error[i]
    p50Us[to] += frame.p50Us[i] * requests
    p99Us[to] = Math.max(p99Us[to], frame.p99Us[i])
    bytes[to] += frame.bytes[i]
  })
  for (let i = 0; i < p50Us.length; i++) {
    const requests = ok[i] + warning[i] + error[i]
    p50Us[i] = requests > 0 ? p50Us[i] / requests : 0
  }
  return { version: frame.version, timeMs: frame.timeMs, ok, warning, error, p50Us, p99Us, bytes }
}
