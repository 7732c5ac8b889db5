import type { Instance, ServiceGroup } from '#model/service.ts'
import { emptyTraffic, type Window } from '#model/window.ts'
import { Spool } from '#spool/spool.ts'
import type { Log } from '../src/log.ts'
import { startServer } from '../src/server.ts'
import { ownClock, ServerTime } from '../src/server-time.ts'
import { Uplink } from '../src/uplink.ts'

export const quiet: Log = { info() {}, warn() {}, error() {} }
export const agentToken = 'agent-token'

export function groupOf(name: string, ip: string): ServiceGroup {
  const instance: Instance = {
    id: `docker:${name}`,
    name: `shop-${name}-1`,
    state: 'running',
    health: 'healthy',
    restarts: 0,
    sinceMs: 0,
    namespace: `ns-${name}`,
    addresses: [{ ip, network: 'shop_default' }],
    published: [],
    mounts: [],
    labels: {},
  }
  const service = {
    ...{ id: `compose:shop:${name}`, name, kind: 'compose' as const, group: ['shop'] },
  }
  return { service, instances: [instance] }
}

export function windowOf(startMs: number): Window {
  return {
    subject: {
      namespace: 'ns-vote',
      local: 'client',
      transport: 'tcp',
      protocol: 'redis',
      client: { ip: '172.18.0.2', port: 0 },
      server: { ip: '172.18.0.3', port: 6379 },
    },
    counts: { ok: 9, warning: 0, error: 1 },
    traffic: { ...emptyTraffic, requestBytes: 100, responseBytes: 50, packets: 4, connections: 1 },
    latency: [20, 10],
    samples: [
      {
        protocol: 'redis',
        method: 'LPUSH',
        resource: 'votes',
        status: 'OK',
        outcome: 'ok',
        startUs: startMs * 1000,
        durationUs: 20,
        requestBytes: 10,
        responseBytes: 5,
        gap: false,
        clientPort: 41_000,
      },
    ],
  }
}

export const open = (options: object = {}) =>
  startServer({ host: '127.0.0.1', port: 0, agentToken, log: quiet, ...options })

export function uplinkTo(url: string, token = agentToken, run = 'r1'): Uplink {
  const identity = () => ({ hostNamespace: 'host', addresses: ['10.0.0.5', '127.0.0.1'] })
  const spool = new Spool({ run, clock: ownClock })
  const time = new ServerTime(ownClock)
  const options = { server: new URL(url), token, node: 'n1', version: 'test', log: quiet }
  return new Uplink({ ...options, identity, spool, time })
}

export async function until<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const endMs = Date.now() + 8000; Date.now() < endMs; ) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error(`waited in vain for ${what}`)
}

export const get = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init)
  const body = JSON.parse(await response.text())
  return { status: response.status, body, headers: response.headers }
}

export const secondNow = () => Math.floor(Date.now() / 1000) * 1000
