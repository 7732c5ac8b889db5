import { bucketCount, bucketOf, sparse } from '#lib/histogram.ts'
import type { ClusterEvent } from '#model/event.ts'
import { type Series, seriesOf } from '#model/series.ts'
import { emptyTraffic } from '#model/window.ts'
import type { ResourcesAnswer } from '../state/api.ts'
import type { DemoLink, DemoService } from './shop.ts'
import { type DemoSecond, secondOf } from './traffic.ts'

/** Steps that are told at most. */
const stepsMax = 1000

/** A number of 0 to 1 that depends on the text alone. */
export function chance(text: string): number {
  let state = 0x811c9dc5
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 0x01000193)
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d)
  return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
}

/** What the server would answer to `GET /api/v1/links/:id/series`: of one link, or of some together. The same each time. */
export function seriesOfLinks(
  links: readonly DemoLink[],
  range: { readonly fromMs: number; readonly stepMs: number },
  nowMs: number,
  keptFromMs: number,
): Series {
  const { stepMs } = range
  const fromMs = Math.floor(range.fromMs / 1000) * 1000
  const count = Math.max(0, Math.min(stepsMax, Math.ceil((nowMs - fromMs) / stepMs)))
  const steps = Array.from({ length: count }, (_, k) =>
    stepOf(links, fromMs + k * stepMs, stepMs, keptFromMs),
  )
  const toldUntilMs = Math.floor(nowMs / 1000) * 1000 - 1000
  return seriesOf(steps, { fromMs, stepMs, keptFromMs, toldUntilMs })
}

function stepOf(links: readonly DemoLink[], startMs: number, stepMs: number, keptFromMs: number) {
  const timed = new Array<number>(bucketCount).fill(0)
  const counts = { ok: 0, warning: 0, error: 0 }
  let bytes = 0
  for (const link of links)
    for (let ms = startMs; ms < startMs + stepMs; ms += 1000) {
      if (ms < keptFromMs) continue
      let draws = 0
      const random = () => chance(`${link.id} ${ms} ${draws++}`)
      const second = secondOf(link, ms / 1000, random)
      counts.ok += second.ok
      counts.warning += second.warning
      counts.error += second.error
      bytes += second.bytes
      time(second, timed, random)
    }
  return { counts, traffic: { ...emptyTraffic, responseBytes: bytes }, latency: sparse(timed) }
}

/** So many requests are timed for themselves; of more, each stands for several. */
const timedMax = 24

/** Adds how long the requests of a second took: about the median, with a long tail. */
function time(
  { ok, warning, error, p50Us }: DemoSecond,
  counts: number[],
  random: () => number,
): void {
  const total = ok + warning + error
  const each = Math.ceil(total / timedMax)
  for (let left = total; left > 0; left -= each) {
    const spread = random() + random() + random() - 1.5
    const tail = random() < 0.03 ? 6 * random() : 0
    counts[bucketOf(p50Us * Math.exp(0.9 * spread + 0.4 * tail))] += Math.min(each, left)
  }
}

/** `GET /api/v1/links/:id/resources`. */
export function resourcesOf({ asks, ...link }: DemoLink): ResourcesAnswer {
  const total = Math.round(link.requestsPerSecond * 300)
  const sampled = Math.min(total, 3600)
  const resources = asks.map(([method, resource], i) => {
    const count = Math.ceil((sampled * 1.3 ** -i) / asks.reduce((sum, _, k) => sum + 1.3 ** -k, 0))
    return {
      ...{ method, resource, count },
      errors: Math.round(count * link.errorShare),
      warnings: Math.round(count * link.warningShare),
      p50Us: Math.round(link.p50Us * (1 + 0.3 * i)),
      maxUs: Math.round(link.p50Us * 22),
    }
  })
  return { resources, sampled, total, windowMs: 300_000 }
}

/** `GET /api/v1/events`: of a service that is not well more than of others. */
export function eventsOf(service: DemoService, startMs: number): readonly ClusterEvent[] {
  if (service.instances === 0) return []
  const { id, image, instances } = service
  const instanceName = `shop-${service.name}-${instances}`
  const instance = { instance: `docker:${instanceName}`, instanceName }
  const minute = Math.floor(startMs / 60_000) * 60_000
  const [name, tag = ''] = image.split(':')
  const sick: readonly ClusterEvent[] = [
    { timeMs: minute - 70_000, kind: 'restarted', service: id, ...instance, from: '6', to: '7' },
    {
      timeMs: minute - 73_000,
      kind: 'health',
      service: id,
      ...instance,
      from: 'healthy',
      to: 'unhealthy',
    },
    { timeMs: minute - 341_000, kind: 'restarted', service: id, ...instance, from: '5', to: '6' },
  ]
  return [
    ...(service.health === 'unhealthy' ? sick : []),
    {
      timeMs: minute - 512_000,
      kind: 'scaled',
      service: id,
      from: `${Math.max(1, instances - 1)}`,
      to: `${instances}`,
    },
    { timeMs: minute - 515_000, kind: 'started', service: id, ...instance },
    {
      timeMs: minute - 540_000,
      kind: 'image',
      service: id,
      from: `${name}:${tag.slice(0, -1)}0`,
      to: image,
    },
    { timeMs: minute - 541_000, kind: 'doing', service: id, to: 'rolling update, 1 of 2' },
    { timeMs: minute - 7_400_000, kind: 'appeared', service: id },
  ]
}
