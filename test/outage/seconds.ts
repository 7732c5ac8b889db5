import type { ServiceGroup } from '#model/service.ts'
import { emptyTraffic, type Sample, type Window, type WindowBatch } from '#model/window.ts'

/** Calls in the second of that number: what the truth is. */
export const callsIn = (number: number): number => 1 + (number % 7)

/** A second between two invented containers, with as many calls as its number says. `weight`: samples it carries. */
export function secondOf(startMs: number, number: number, weight = 1): WindowBatch {
  const sample: Omit<Sample, 'resource' | 'startUs'> = {
    ...{ protocol: 'redis', method: 'GET', status: 'OK', outcome: 'ok' as const },
    ...{ gap: false, durationUs: 20, requestBytes: 10, responseBytes: 5, clientPort: 41_000 },
  }
  const window: Window = {
    subject: {
      ...{ namespace: 'ns-web', local: 'client', transport: 'tcp', protocol: 'redis' },
      client: { ip: '172.18.0.2', port: 0 },
      server: { ip: '172.18.0.3', port: 6379 },
    },
    counts: { ok: callsIn(number), warning: 0, error: 0 },
    traffic: { ...emptyTraffic, requestBytes: 100, packets: 4 },
    latency: [20, callsIn(number)],
    samples: Array.from({ length: weight }, (_, i) => ({
      ...sample,
      resource: `key:${number}:${i}`,
      startUs: startMs * 1000 + i,
    })),
  }
  return { startMs, windows: [window], names: [] }
}

/** The two containers. */
export const parties: readonly ServiceGroup[] = [
  ['web', '172.18.0.2'],
  ['redis', '172.18.0.3'],
].map(([name, ip]) => ({
  service: { id: `compose:shop:${name}`, name, kind: 'compose', group: ['shop'] },
  instances: [
    {
      ...{ id: `docker:${name}`, name: `shop-${name}-1`, state: 'running', health: 'healthy' },
      ...{
        restarts: 0,
        sinceMs: 0,
        namespace: `ns-${name}`,
        published: [],
        mounts: [],
        labels: {},
      },
      addresses: [{ ip, network: 'shop_default' }],
    },
  ],
}))
